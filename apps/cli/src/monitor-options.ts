import type { CommandName } from "./command-table.ts";
import { DURATION, type Option } from "./option.ts";

const MONITOR: readonly CommandName[] = ["monitor", "config"];

/** The options of a monitor alone. What is on the way to it is an option of `lens healthcheck` as well. */
export const MONITOR_OPTIONS = {
  interval: {
    kind: "text",
    group: "Monitor",
    commands: MONITOR,
    placeholder: "TIME",
    expected: DURATION,
    describe: "Time from one round of probes of a target to the next (default 60s)",
  },
  jitter: {
    kind: "number",
    group: "Monitor",
    commands: MONITOR,
    placeholder: "SHARE",
    expected: "a share such as 0.1 or 10%",
    describe: "How much of the interval a round may be put off at random (default 10%)",
  },
  probes: {
    kind: "number",
    group: "Monitor",
    commands: MONITOR,
    placeholder: "N",
    expected: "a whole number from 1 up",
    describe: "Requests of a round, one after the other (default 1)",
  },
  maxCostPerDay: {
    kind: "number",
    group: "Monitor",
    commands: MONITOR,
    placeholder: "USD",
    expected: "a number above 0",
    describe: "Stop for the rest of the UTC day before probes cost more; needs --max-tokens and known prices",
  },
  listen: {
    kind: "text",
    group: "Monitor",
    commands: [...MONITOR, "healthcheck"],
    placeholder: "HOST:PORT",
    expected: "an address and a port such as 127.0.0.1:9464",
    describe: "Where to serve metrics and the status page (default 127.0.0.1:9464)",
  },
  tokenFile: {
    kind: "text",
    group: "Monitor",
    commands: MONITOR,
    placeholder: "FILE",
    expected: "the path of a file",
    describe: "File with the token that readers must bring, save for health",
  },
  state: {
    kind: "text",
    group: "Monitor",
    commands: MONITOR,
    placeholder: "FILE",
    expected: "the path of a file",
    describe: "File in which figures and spending outlive a restart",
  },
  pushgateway: {
    kind: "text",
    group: "Monitor",
    commands: MONITOR,
    placeholder: "URL",
    expected: "an http or https URL",
    describe: "Pushgateway to send the metrics to as well, such as http://127.0.0.1:9091",
  },
} as const satisfies Readonly<Record<string, Option>>;
