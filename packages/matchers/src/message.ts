import { DEFAULT_CONFIDENCE, formatFigure, type Interval, type ThresholdOutcome } from "@lens/metrics";
import { type Finding, plural } from "./finding.ts";
import type { Subject } from "./subject.ts";
import { worstRequest, type WorstContext } from "./worst-request.ts";

/** Which call of a matcher it was. */
export interface MatcherCall {
  /** Such as `toHaveTtftBelow`. */
  readonly name: string;
  readonly args: readonly unknown[];
  readonly isNot: boolean;
}

type Line = readonly [name: string, words: string];

const UNKNOWN = /is not known in this run$/;

/** An argument as it was written, near enough. */
function show(value: unknown): string {
  if (typeof value === "function") return "…";
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? String(value);
  const fields = Object.entries(value).map(([key, field]) => `${/^\w+$/.test(key) ? key : JSON.stringify(key)}: ${show(field)}`);
  return Array.isArray(value) ? `[${value.map(show).join(", ")}]` : `{ ${fields.join(", ")} }`;
}

/** An interval in words: `780 ms to 850 ms`, or the end that there is; `n/a` for none. */
export function intervalWords(interval: Interval | null, unit: ThresholdOutcome["unit"]): string {
  const { lower, upper } = interval ?? { lower: null, upper: null };
  if (lower === null) return upper === null ? "n/a" : `at most ${formatFigure(upper, unit)}`;
  return upper === null ? `at least ${formatFigure(lower, unit)}` : `${formatFigure(lower, unit)} to ${formatFigure(upper, unit)}`;
}

/** The figure in words: one that failed requests leave no room for is a failed request. */
export function valueWords({ value, met, unit }: ThresholdOutcome): string {
  if (value !== null) return formatFigure(value, unit);
  return met === null ? "not known" : "a failed request";
}

function limitWords({ operator, limit, unit, reference }: ThresholdOutcome): string {
  const written = limit === null ? "not known" : `${operator} ${formatFigure(limit, unit)}`;
  if (reference === null || reference.value === null) return written;
  const percent = Number((reference.allowed * 100).toPrecision(6));
  const shift = `${percent < 0 ? "−" : "+"}${Math.abs(percent)} ${unit === "share" ? "points" : "%"}`;
  return `${written}, which is ${shift} on the ${formatFigure(reference.value, unit)} of \`${reference.name}\``;
}

/** How many requests there were, and what became of those that were not answered. */
function countWords({ group }: Finding): string {
  const failed = group.requests - group.outcomes.ok - group.outcomes.truncated;
  if (failed === 0) return plural(group.requests, "request");
  const codes = Object.entries(group.errors).map(([code, count]) => `${count} ${code}`);
  const why = codes.length === 0 ? "" : `: ${codes.join(", ")}`;
  return `${plural(group.requests, "request")}, ${failed} of them failed${why}`;
}

function verdictWords({ met, certain, text }: ThresholdOutcome): string {
  if (met === null) return `\`${text}\` cannot be judged.`;
  const doubt = certain ? "" : " Its interval leaves that open: more requests may turn it round.";
  return `\`${text}\` is ${met ? "met" : "breached"}.${doubt}`;
}

function linesOn(finding: Finding, context: WorstContext): readonly Line[] {
  const { outcome, worst } = finding;
  const value = valueWords(outcome);
  const interval = intervalWords(outcome.interval, outcome.unit);
  const slowest = worst.flatMap((metric): Line[] => {
    const found = worstRequest(metric, context);
    if (found === null) return [];
    return [[worst.length === 1 ? found[0] : `${found[0]} ${metric}`, found[1]]];
  });
  return [
    ["value", outcome.met === null && !UNKNOWN.test(outcome.reason) ? `${value}: ${outcome.reason}` : value],
    ["interval", interval === "n/a" ? interval : `${interval} at ${DEFAULT_CONFIDENCE * 100} % confidence`],
    ["threshold", limitWords(outcome)],
    ["n", countWords(finding)],
    ...slowest,
  ];
}

function block(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, words]) => `  ${name.padEnd(width)}  ${words}`).join("\n");
}

/** All that a failed expectation has to say: the same text in every test runner. */
export function renderMessage(
  call: MatcherCall,
  findings: readonly Finding[],
  { subject, prices }: { readonly subject: Subject } & Pick<WorstContext, "prices">,
): string {
  const head = `expect(received)${call.isNot ? ".not" : ""}.${call.name}(${call.args.map(show).join(", ")})`;
  const parts = findings.map((finding) => {
    const { group, outcome, advice } = finding;
    const lines = linesOn(finding, { group, records: subject.records, prices });
    return [`${group.target.label}: ${verdictWords(outcome)}`, block(lines), ...advice].join("\n\n");
  });
  const instrument = subject.report?.instrument;
  const notes = instrument?.state === "client-limited" ? [`Mind the instrument: ${instrument.verdict}`] : [];
  return [head, ...parts, ...notes].join("\n\n");
}
