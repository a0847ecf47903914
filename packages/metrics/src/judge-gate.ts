import { type EvaluateOptions, evaluateThreshold, type ThresholdResult } from "./evaluate-threshold.ts";
import { type Gate, isRelative, type RelativeThreshold } from "./gate.ts";
import { DEFAULT_CONFIDENCE } from "./interval.ts";
import type { GroupSummary, Report } from "./report.ts";
import { formatFigure, type Threshold } from "./threshold.ts";
import type { ThresholdOutcome } from "./threshold-outcome.ts";

/** A report that gates are relative to, by the name that they give it. */
export type References = ReadonlyMap<string, Report>;

/** What a reference says where a gate asks it. */
interface Reference {
  readonly value: number;
  /** The limit that its figure makes. */
  readonly limit: number;
  /** The limits that the ends of its interval make; null where there is no such end. */
  readonly strictest: number | null;
  readonly loosest: number | null;
}

/** Two intervals that hold with this probability each hold together as often as a single one is meant to. */
const OF_EACH = Math.sqrt(DEFAULT_CONFIDENCE);

const withLimit = ({ text, metric, statistic, operator, unit }: Gate, limit: number): Threshold => ({
  text,
  metric,
  statistic,
  operator,
  limit,
  unit,
});

/** The same group of another report: the one of the same label, or the only one where both have one. */
function counterpartOf({ target, level }: GroupSummary, { groups }: Report): GroupSummary | null {
  const [first, ...others] = groups;
  const isOnly = others.length === 0 && level === null && first?.level === null;
  return groups.find((group) => group.target.label === target.label) ?? (isOnly ? first : null) ?? null;
}

function readReference(gate: RelativeThreshold, group: GroupSummary): Reference | string {
  const isUpper = gate.operator.startsWith("<");
  // Only the figure and its interval are wanted: whatever it is, it is within this limit.
  const anything = withLimit({ ...gate, operator: isUpper ? "<=" : ">=" }, isUpper ? Infinity : -Infinity);
  const figure = evaluateThreshold(anything, group, { confidence: OF_EACH });
  if (figure.value === null) return figure.reason;
  const limitOf = (value: number): number => (gate.unit === "share" ? value + gate.allowed : value * (1 + gate.allowed));
  const atEnd = (end: number | null): number | null => (end === null ? null : limitOf(end));
  const { lower, upper } = figure.interval ?? { lower: figure.value, upper: figure.value };
  const [strictest, loosest] = isUpper ? [lower, upper] : [upper, lower];
  return { value: figure.value, limit: limitOf(figure.value), strictest: atEnd(strictest), loosest: atEnd(loosest) };
}

function askReference(gate: RelativeThreshold, group: GroupSummary, references: References): Reference | string {
  const report = references.get(gate.reference);
  const counterpart = report === undefined ? null : counterpartOf(group, report);
  return counterpart === null ? `there is no \`${group.target.label}\`` : readReference(gate, counterpart);
}

/** `+16 %`, or for a share `+1.6 points`. */
function describeChange(change: number, { unit }: Gate): string {
  const percent = Math.abs(change * 100);
  const digits = percent >= 100 ? 0 : 1;
  return `${change < 0 ? "−" : "+"}${Number(percent.toFixed(digits))} ${unit === "share" ? "points" : "%"}`;
}

function changeOf(value: number | null, base: number, { unit }: Gate): number | null {
  if (value === null) return null;
  if (unit === "share") return value - base;
  return base === 0 ? null : value / base - 1;
}

type Judgement = Omit<ThresholdOutcome, "text" | "label" | "metric" | "statistic" | "operator" | "unit">;

function judgeRelative(gate: RelativeThreshold, group: GroupSummary, references: References): Judgement {
  const asked = askReference(gate, group, references);
  const { reference: name, allowed } = gate;
  if (typeof asked === "string") {
    const reason = `\`${name}\` gives nothing to compare with: ${asked}`;
    return {
      limit: null,
      met: null,
      certain: false,
      value: null,
      interval: null,
      reason,
      reference: { name, allowed, value: null, change: null },
    };
  }
  const { value: base, limit, strictest, loosest } = asked;
  const at = (place: number, options?: EvaluateOptions): ThresholdResult => evaluateThreshold(withLimit(gate, place), group, options);
  const { met, value, interval, reason } = at(limit);
  const decided = (place: number | null, wanted: boolean): boolean =>
    place !== null && at(place, { confidence: OF_EACH }).decided === wanted;
  const change = changeOf(value, base, gate);
  const shift = change === null ? "" : `${describeChange(change, gate)} from `;
  return {
    limit,
    met,
    certain: met === true ? decided(strictest, true) : met === false && decided(loosest, false),
    value,
    interval,
    reason: `${reason}; ${shift}${formatFigure(base, gate.unit)} of \`${name}\``,
    reference: { name, allowed, value: base, change },
  };
}

function judgeAbsolute(gate: Threshold, group: GroupSummary): Judgement {
  const { met, decided, value, interval, reason } = evaluateThreshold(gate, group);
  return { limit: gate.limit, met, certain: met !== null && decided !== null, value, interval, reason, reference: null };
}

/**
 * Holds a group against a gate. A gate that is relative to another report is judged by the figures themselves; it is certain where the intervals of both
 * decide it. Failed requests count as worse than any answered one, in both.
 */
export function judgeGate(gate: Gate, group: GroupSummary, references: References = new Map()): ThresholdOutcome {
  const { text, metric, statistic, operator, unit } = gate;
  const judgement = isRelative(gate) ? judgeRelative(gate, group, references) : judgeAbsolute(gate, group);
  return { text, label: group.target.label, metric, statistic, operator, unit, ...judgement };
}

/** What a gate comes to where nothing was measured under a label. */
export function unjudgedGate(gate: Gate, label: string): ThresholdOutcome {
  const { text, metric, statistic, operator, unit } = gate;
  const reference = isRelative(gate) ? { name: gate.reference, allowed: gate.allowed, value: null, change: null } : null;
  const limit = isRelative(gate) ? null : gate.limit;
  const shared = { text, label, metric, statistic, operator, unit, limit, reference };
  return { ...shared, met: null, certain: false, value: null, interval: null, reason: "there are no requests" };
}

/**
 * A gate as a threshold that can be watched while requests are sent: relative to a reference, its limit is the loosest that the reference's interval
 * allows for. Null where the reference gives none.
 */
export function loosestThreshold(gate: Gate, group: GroupSummary, references: References): Threshold | null {
  if (!isRelative(gate)) return gate;
  const asked = askReference(gate, group, references);
  return typeof asked === "string" || asked.loosest === null ? null : withLimit(gate, asked.loosest);
}

/** What became of a gate, in one line: whether it was met, how certain that is, and the figure that says so. */
export function describeOutcome({ met, certain, text, reason }: ThresholdOutcome): string {
  if (met === null) return `\`${text}\` cannot be judged: ${reason}.`;
  const doubt = certain ? "" : " Its interval leaves that open: more requests may turn it round.";
  return `\`${text}\` is ${met ? "met" : "breached"}: ${reason}.${doubt}`;
}
