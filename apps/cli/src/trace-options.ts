import { LOADING } from "./command-table.ts";
import type { Option } from "./option.ts";

/** Options that repeat recorded traffic, and that have conversations. */
export const TRACE_OPTIONS = {
  trace: {
    kind: "text",
    group: "Arrivals",
    commands: LOADING,
    placeholder: "FILE",
    expected: "the path of a file",
    describe: "Send what a trace says, when it says: Mooncake, BurstGPT, Azure or our own records",
  },
  traceFormat: {
    kind: "text",
    group: "Arrivals",
    commands: [...LOADING, "dataset"],
    placeholder: "FORMAT",
    expected: "mooncake, burstgpt, azure or records",
    describe: "How --trace is written; by its first line unless given",
  },
  replay: {
    kind: "text",
    group: "Arrivals",
    commands: LOADING,
    placeholder: "FILE",
    expected: "the path of a records file",
    describe: "Repeat the arrival times and lengths of a records file",
  },
  speed: {
    kind: "number",
    group: "Arrivals",
    commands: LOADING,
    placeholder: "X",
    expected: "a number above 0",
    describe: "How many times as fast as --trace or --replay was",
  },
  turns: {
    kind: "text",
    group: "Prompt",
    commands: LOADING,
    placeholder: "LENGTH",
    expected: "a number of turns such as 5, or normal:MEAN,STDDEV, lognormal:MEAN,STDDEV or uniform:MIN,MAX",
    describe: "Have conversations of so many turns, each of --input-tokens",
  },
  conversations: {
    kind: "switch",
    group: "Prompt",
    commands: LOADING,
    expected: "true or false",
    describe: "Have the conversations of --prompt-file, with the model's own answers",
  },
} as const satisfies Readonly<Record<string, Option>>;
