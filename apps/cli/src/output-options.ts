import { LOADING, REPORTING } from "./command-table.ts";
import { DURATION, type Option } from "./option.ts";

/** The words for formats, for the help and for completion, which do not wait for the exporters themselves to be loaded. */
export const FORMAT_WORDS = [
  "console",
  "json",
  "json-compact",
  "csv",
  "markdown",
  "html",
  "junit",
  "vllm",
  "prometheus",
  "hgrm",
  "hlog",
  "otlp",
  "jsonl",
  "csv-requests",
] as const;

const TRUE_OR_FALSE = "true or false";

/** The options that say what is written, where and how. */
export const OUTPUT_OPTIONS = {
  series: {
    kind: "text",
    group: "Output",
    commands: [...LOADING, "merge", "export", "report"],
    placeholder: "TIME",
    expected: DURATION,
    describe: "Width of the bins of the run over time; chosen to have at most 64 unless given",
  },
  format: {
    kind: "list",
    group: "Output",
    commands: REPORTING,
    placeholder: "NAME",
    aliases: ["f"],
    expected: "the name of a format, or the path of an exporter",
    describe: `${FORMAT_WORDS.join(", ")}, or ./exporter.js; several by comma`,
  },
  output: {
    kind: "list",
    group: "Output",
    commands: [...REPORTING, "report"],
    placeholder: "FILE",
    aliases: ["o"],
    expected: "the path of a file",
    describe: "File for the report, one for each format; its name may hold {date}, {target} and {run}",
  },
  records: {
    kind: "text",
    group: "Output",
    commands: ["benchmark", "compare", "profile", "config"],
    placeholder: "FILE",
    expected: "the path of a file",
    describe: "File for the record of every request, one line each",
  },
  force: {
    kind: "switch",
    group: "Output",
    commands: [...REPORTING, "report"],
    expected: TRUE_OR_FALSE,
    describe: "Replace files that are there already",
  },
  stepSummary: {
    kind: "switch",
    group: "Output",
    commands: [...LOADING, "check"],
    expected: TRUE_OR_FALSE,
    describe: "Add the report to the step's summary in GitHub Actions; --no-step-summary turns it off",
  },
  explain: {
    kind: "switch",
    group: "Output",
    commands: REPORTING,
    expected: TRUE_OR_FALSE,
    describe: "Say what each figure means",
  },
} as const satisfies Readonly<Record<string, Option>>;
