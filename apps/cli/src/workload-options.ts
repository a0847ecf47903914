import { MEASURING } from "./command-table.ts";
import type { Option } from "./option.ts";

const LENGTH = "a number of tokens such as 1000, or normal:MEAN,STDDEV, lognormal:MEAN,STDDEV or uniform:MIN,MAX";

/** Options that say what is asked, beside `--prompt`. */
export const WORKLOAD_OPTIONS = {
  promptFormat: {
    kind: "text",
    group: "Prompt",
    commands: [...MEASURING, "dataset"],
    placeholder: "FORMAT",
    expected: "text, lines, jsonl, json, csv or tsv",
    describe: "How --prompt-file is written; by the ending of its name unless given",
  },
  template: {
    kind: "text",
    group: "Prompt",
    commands: [...MEASURING, "dataset"],
    placeholder: "TEXT",
    expected: "some text",
    describe: "What to ask of each entry of --prompt-file: {{name}} stands for its field",
  },
  vars: {
    kind: "values",
    flag: "var",
    group: "Prompt",
    commands: [...MEASURING, "dataset"],
    placeholder: "NAME=VALUE",
    expected: "a value as `name=value`",
    describe: "Value of a {{name}} that an entry does not have; may be repeated",
  },
  order: {
    kind: "text",
    group: "Prompt",
    commands: MEASURING,
    placeholder: "ORDER",
    expected: "in-turn, shuffled or weighted",
    describe: "Which entry is asked when: in-turn, shuffled, or weighted by its field `weight`",
  },
  badLines: {
    kind: "text",
    group: "Prompt",
    commands: MEASURING,
    placeholder: "WHAT",
    expected: "stop or skip",
    describe: "What an entry that cannot be used does: stop (unless given) or skip",
  },
  inputTokens: {
    kind: "text",
    group: "Prompt",
    commands: MEASURING,
    placeholder: "LENGTH",
    expected: LENGTH,
    describe: "Make prompts of this length: 1000, normal:1000,200, lognormal:…, uniform:500,1500",
  },
  outputTokens: {
    kind: "text",
    group: "Prompt",
    commands: MEASURING,
    placeholder: "LENGTH",
    expected: LENGTH,
    describe: "Limit on output tokens, drawn for each request",
  },
  cache: {
    kind: "text",
    group: "Prompt",
    commands: MEASURING,
    placeholder: "STATE",
    expected: "bust, shared or as-is",
    describe: "What a server may have cached: bust (nothing), shared (a prefix), as-is",
  },
  sharedPrefixTokens: {
    kind: "number",
    group: "Prompt",
    commands: MEASURING,
    placeholder: "N",
    expected: "a whole number from 1 up",
    describe: "Length of the beginning that prompts have in common; implies --cache shared",
  },
  sharedPrefixShare: {
    kind: "text",
    group: "Prompt",
    commands: MEASURING,
    placeholder: "SHARE",
    expected: "a share such as 0.8 or 80%",
    describe: "Share of the prompts that have it; all unless given",
  },
  tokenizer: {
    kind: "text",
    group: "Prompt",
    commands: MEASURING,
    placeholder: "NAME",
    expected: "gpt or estimate",
    describe: "What lengths are counted by: gpt (needs gpt-tokenizer) or estimate",
  },
} as const satisfies Readonly<Record<string, Option>>;
