import { LensError } from "@lens/core";
import {
  describeOutcome,
  type Gate,
  type GroupSummary,
  isRelative,
  judgeGate,
  loosestThreshold,
  parseGate,
  type References,
  type Report,
  type SummaryOptions,
  type Threshold,
  type ThresholdOutcome,
  unjudgedGate,
} from "@lens/metrics";
import { readBaseline } from "./baselines.ts";
import type { ResolvedSettings } from "./config.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import type { PlannedLoad } from "./load-plan.ts";
import { oneLine } from "./printable.ts";
import { readResult } from "./saved-results.ts";
import type { TargetRequest } from "./targets.ts";

/** The thresholds of a run, with all that they refer to. */
export interface Gates {
  /** Whether there are any. */
  readonly present: boolean;
  /** Whether one of them says how many requests may fail. */
  readonly limitErrors: boolean;
  /** What became of them in each group that they concern. One of `labels` without a group was not measured, and so is not judged. */
  judge(groups: readonly GroupSummary[], labels: readonly string[]): readonly ThresholdOutcome[];
  /** Those that concern a group in the making, of the target of that label. */
  watched(group: GroupSummary, label: string): readonly Threshold[];
}

/** A threshold, and the label of the target that it is of; null for all targets. */
interface PlannedGate {
  readonly gate: Gate;
  readonly label: string | null;
}

/** How thresholds are read. */
export interface GateContext {
  readonly io: Io;
  /** How the requests are summed up, and those of records that a threshold refers to. */
  readonly summary: SummaryOptions;
  /** Whether a saved result is judged, and not what is yet to be measured. */
  readonly saved: boolean;
}

const isFile = (reference: string): boolean => /[/\\]|\.jsonl?$/.test(reference);

/** A file, or the name of a baseline. */
function readReference(reference: string, { io, summary }: GateContext): Promise<Report> {
  return isFile(reference) ? readResult(reference, io, summary) : readBaseline(reference, io);
}

/** Whether a group is the target of that label, or one of its levels. */
function isOf({ target, level }: GroupSummary, label: string): boolean {
  return target.label === label || (level !== null && target.label === `${label} @ ${level.value}`);
}

/** What needs objectives is refused before anything is sent; a saved result may have been measured with some. */
function checkGoodput(planned: readonly PlannedGate[], { summary, saved }: GateContext): void {
  const found = planned.find(({ gate }) => gate.metric.startsWith("goodput"));
  if (found === undefined || saved || summary.slo != null) return;
  throw new LensError(
    "INVALID_ARGUMENT",
    `Expected \`--slo\`, which says what a good request is, with the threshold \`${found.gate.text}\`.`,
  );
}

function readGates(settings: Pick<ResolvedSettings, "thresholds">, requests: readonly TargetRequest[]): readonly PlannedGate[] {
  const shared = (settings.thresholds ?? []).map((written) => ({ gate: parseGate(written), label: null }));
  const own = requests.flatMap(({ thresholds, label }) => thresholds.map((written) => ({ gate: parseGate(written), label })));
  return [...shared, ...own];
}

/**
 * Reads the thresholds of the settings and of their targets, and the results that they refer to. Throws `INVALID_ARGUMENT` for what is none, and what
 * reading a result throws.
 */
export async function planGates(
  settings: Pick<ResolvedSettings, "thresholds">,
  requests: readonly TargetRequest[],
  context: GateContext,
): Promise<Gates> {
  const planned = readGates(settings, requests);
  checkGoodput(planned, context);
  const names = new Set(planned.flatMap(({ gate }) => (isRelative(gate) ? [gate.reference] : [])));
  const references: References = new Map(
    await Promise.all([...names].map(async (name) => [name, await readReference(name, context)] as const)),
  );
  const gatesOf = (group: GroupSummary): readonly Gate[] =>
    planned.filter(({ label }) => label === null || isOf(group, label)).map(({ gate }) => gate);
  const gatesFor = (target: string): readonly Gate[] =>
    planned.filter(({ label }) => label === null || label === target).map(({ gate }) => gate);
  const named = planned.map(({ label }) => label).filter((label) => label !== null);
  return {
    present: planned.length > 0,
    limitErrors: planned.some(({ gate }) => gate.metric === "errorRate"),
    judge(groups, labels) {
      const missing = [...new Set([...labels, ...named])].filter((label) => !groups.some((group) => isOf(group, label)));
      return [
        ...groups.flatMap((group) => gatesOf(group).map((gate) => judgeGate(gate, group, references))),
        ...missing.flatMap((label) => gatesFor(label).map((gate) => unjudgedGate(gate, label))),
      ];
    },
    watched: (group, label) =>
      gatesFor(label)
        .map((gate) => loosestThreshold(gate, group, references))
        .filter((threshold) => threshold !== null),
  };
}

/** Throws `INVALID_ARGUMENT` for thresholds that make no sense with the load. */
export function checkGates({ present }: Gates, { abortOnFail }: Pick<ResolvedSettings, "abortOnFail">, { search }: PlannedLoad): void {
  if (present && search !== null) throw new LensError("INVALID_ARGUMENT", "Expected no `--search` with `--threshold`.");
  if (!present && abortOnFail) throw new LensError("INVALID_ARGUMENT", "Expected `--threshold` with `--abort-on-fail`.");
}

/** Those that were not met, a line each, with the label where there are several. */
export function thresholdLines(outcomes: readonly ThresholdOutcome[]): readonly string[] {
  const several = new Set(outcomes.map(({ label }) => label)).size > 1;
  return outcomes
    .filter(({ met }) => met !== true)
    .map((outcome) => `${several ? `${oneLine(outcome.label)}: ` : ""}${oneLine(describeOutcome(outcome))}`);
}

/** What thresholds make of the exit code: an absolute limit, or one that could not be judged, before a regression. */
export function exitCodeOfThresholds(outcomes: readonly ThresholdOutcome[]): number {
  const failed = outcomes.filter(({ met }) => met !== true);
  if (failed.some(({ met, reference }) => met === null || reference === null)) return EXIT_CODES.thresholdMissed;
  return failed.length > 0 ? EXIT_CODES.regression : EXIT_CODES.ok;
}
