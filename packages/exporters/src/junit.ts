import { OUTCOME_KINDS } from "@lens/core";
import { describeOutcome, type GroupSummary, type Report, type ThresholdOutcome } from "@lens/metrics";
import type { SyncExporter } from "./exporter.ts";
import { formatInstant } from "./format.ts";
import { element, xmlText } from "./xml-text.ts";

const NS_PER_SECOND = 1e9;
const NO_NAME = "(no name)";
/** The machine is not named in a report: a name may be nobody's business. */
const HOST = "localhost";

/** What is told of a target: of the threshold that it was held against, or of the run. */
interface Suite {
  readonly label: string;
  /** Null for a target that was never measured. */
  readonly group: GroupSummary | null;
  readonly outcomes: readonly ThresholdOutcome[];
}

/** What became of a case. What cannot be judged is an error, which no gate takes for a success; what an interrupted run did not come to was skipped. */
type Verdict = "passed" | "failure" | "error" | "skipped";

/** A suite for each group, and for each target that thresholds name but nobody measured. */
function suitesOf({ groups, thresholds }: Report): readonly Suite[] {
  const labels = new Set([...groups.map(({ target }) => target.label), ...thresholds.map(({ label }) => label)]);
  return [...labels].map((label) => ({
    label,
    group: groups.find(({ target }) => target.label === label) ?? null,
    outcomes: thresholds.filter((outcome) => outcome.label === label),
  }));
}

function verdictOf({ met }: ThresholdOutcome, { group }: Suite, { run }: Report): Verdict {
  if (met === true) return "passed";
  if (met === false) return "failure";
  return group === null && run.interrupted ? "skipped" : "error";
}

function caseOf(outcome: ThresholdOutcome, verdict: Verdict, suite: Suite): string {
  const { text, metric, reason } = outcome;
  const attributes = { name: text, classname: nameOf(suite), time: 0 };
  if (verdict === "passed") return element("testcase", attributes);
  if (verdict === "skipped") return element("testcase", attributes, [element("skipped", {})]);
  const detail = { message: describeOutcome(outcome), type: metric };
  return element("testcase", attributes, [element(verdict, detail, xmlText(reason))]);
}

const nameOf = ({ label }: Suite): string => (xmlText(label).trim() === "" ? NO_NAME : label);

/** Every single figure of a group that is known, by its name in the JSON. */
function figuresOf(group: GroupSummary): readonly (readonly [string, number])[] {
  const { ttft, ttfo, tpot, chunkGap, e2e, response, outcomes, throughput, goodput, tokens, costUsd } = group;
  const latencies = { ttft, ttfo, tpot, chunkGap, e2e, "response.ttft": response?.ttft, "response.e2e": response?.e2e };
  const percentiles = Object.entries(latencies).flatMap(([name, distribution]) =>
    (["count", "meanNs", "p50Ns", "p90Ns", "p95Ns", "p99Ns", "p999Ns", "maxNs"] as const).map(
      (field) => [`${name}.${field}`, distribution?.[field] ?? null] as const,
    ),
  );
  const single: readonly (readonly [string, number | null])[] = [
    ["requests", group.requests],
    ...OUTCOME_KINDS.map((kind) => [`outcomes.${kind}`, outcomes[kind]] as const),
    ...percentiles,
    ["throughput.requestsPerSecond", throughput.requestsPerSecond],
    ["throughput.systemTokensPerSecond", throughput.systemTokensPerSecond],
    ["goodput.share", goodput?.share ?? null],
    ["tokens.input", tokens.input],
    ["tokens.output", tokens.output],
    ["costUsd.total", costUsd.total],
  ];
  return single.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

function propertiesOf({ tool, run, instrument }: Report, { group }: Suite): string {
  const { command, mode, seed, interrupted, options, versions } = run;
  const pairs = [
    ["tool", `${tool.name} ${tool.version}`],
    ...(command === null ? [] : [["command", command]]),
    ["mode", mode],
    ...(seed === null ? [] : [["seed", seed]]),
    ["interrupted", interrupted],
    ["instrument", instrument.verdict],
    ...Object.entries(versions).map(([name, version]) => [`version.${name}`, version]),
    ...Object.entries(options).flatMap(([name, value]) => (value === null ? [] : [[`option.${name}`, value]])),
    ...(group === null ? [] : figuresOf(group)),
  ];
  return element(
    "properties",
    {},
    pairs.map(([name, value]) => element("property", { name: xmlText(String(name)).trim() || NO_NAME, value: String(value) })),
  );
}

/** To the second and in UTC, as the schemas of this format want it. */
const timestampOf = (atMs: number): string => formatInstant(atMs).replace(" UTC", "").replace(" ", "T");

function suiteOf(report: Report, suite: Suite, index: number): string {
  const { outcomes, group } = suite;
  const verdicts = outcomes.map((outcome) => verdictOf(outcome, suite, report));
  const count = (verdict: Verdict): number => verdicts.filter((found) => found === verdict).length;
  const attributes = {
    name: nameOf(suite),
    package: report.tool.name,
    id: index,
    timestamp: timestampOf(report.run.startedAtMs),
    hostname: HOST,
    tests: outcomes.length,
    failures: count("failure"),
    errors: count("error"),
    skipped: count("skipped"),
    time: (group?.throughput.windowNs ?? 0) / NS_PER_SECOND,
  };
  const log = outcomes.map((outcome) => xmlText(describeOutcome(outcome))).join("\n");
  return element("testsuite", attributes, [
    propertiesOf(report, suite),
    ...outcomes.map((outcome, place) => caseOf(outcome, verdicts[place] ?? "error", suite)),
    element("system-out", {}, log),
    element("system-err", {}, report.notes.map(xmlText).join("\n")),
  ]);
}

/**
 * JUnit's XML: a suite a target, and a case a threshold. It keeps to what both of the schemas in use allow (Jenkins' and that of Ant), hence the order of
 * the elements, the bare `testsuites`, and a time in every case, which is 0 because a threshold takes none.
 */
export const junitExporter: SyncExporter = {
  id: "junit",
  extension: "xml",
  render(report) {
    const suites = suitesOf(report).map((suite, index) => suiteOf(report, suite, index));
    return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", {}, suites)}\n`;
  },
};
