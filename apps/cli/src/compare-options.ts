import type { CommandName } from "./command-table.ts";
import type { Option } from "./option.ts";

const COMPARING: readonly CommandName[] = ["compare", "config"];

/** The options that say how groups are compared. */
export const COMPARE_OPTIONS = {
  baseline: {
    kind: "text",
    group: "Comparison",
    commands: COMPARING,
    placeholder: "NAME",
    expected: "the name of a baseline",
    describe: "Saved baseline to compare with, as the base",
  },
  margin: {
    kind: "number",
    group: "Comparison",
    commands: COMPARING,
    placeholder: "SHARE",
    expected: "a share below 1, such as 0.02 or 2%",
    describe: "Difference that does not matter: 2% unless given",
  },
  confidence: {
    kind: "number",
    group: "Comparison",
    commands: COMPARING,
    placeholder: "SHARE",
    expected: "a share above 0 and below 1, such as 0.95 or 95%",
    describe: "Confidence of intervals and of all verdicts together: 95% unless given",
  },
  resamples: {
    kind: "number",
    group: "Comparison",
    commands: COMPARING,
    placeholder: "N",
    expected: "a whole number from 200 up",
    describe: "How often the bootstrap draws: 2000 times unless given",
  },
  interleave: {
    kind: "text",
    group: "Comparison",
    commands: COMPARING,
    placeholder: "request|block:N",
    expected: "request, or block:N such as block:10",
    describe: "Ask targets by turns, request by request (the default) or N requests in a row",
  },
} as const satisfies Readonly<Record<string, Option>>;
