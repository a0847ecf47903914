import { LensError } from "@lens/core";
import { type GroupSummary, judgeGate, parseGate, type RelativeThreshold, isRelative, type Report } from "@lens/metrics";
import type { Expectation } from "./expectations.ts";
import { type Finding, samplingAdvice } from "./finding.ts";

/** How `toMatchBaseline` judges. */
export interface BaselineOptions {
  /** How much worse a figure may be, as a share of the baseline's: 0.1, unless given, allows 10 %. */
  readonly tolerance?: number;
  /** Metrics with their statistic, such as `ttft p95`. Unless given, the median of TTFT, TPOT and the whole request, as far as the baseline has them. */
  readonly measures?: readonly string[];
}

const DEFAULT_MEASURES = ["ttft p50", "tpot p50", "e2e p50"];
const DEFAULT_TOLERANCE = 0.1;

/** Of these more is better. */
const isBetterHigher = ({ unit, metric }: Pick<RelativeThreshold, "unit" | "metric">): boolean =>
  unit === "per second" || metric === "goodput";

function gateOf(measure: string, name: string, tolerance: number): RelativeThreshold {
  const percent = Number((tolerance * 100).toPrecision(6));
  const allowed = (condition: string): RelativeThreshold => {
    const gate = parseGate(`vs ${name}: ${measure} ${condition}`);
    if (!isRelative(gate)) throw new LensError("INTERNAL", "A threshold relative to a baseline was read as an absolute one.");
    return gate;
  };
  const upper = allowed(`<= +${percent}%`);
  return isBetterHigher(upper) ? allowed(`>= -${percent}%`) : upper;
}

function judge(gate: RelativeThreshold, group: GroupSummary, baseline: Report): Finding {
  const outcome = judgeGate(gate, group, new Map([[gate.reference, baseline]]));
  const threshold = { ...gate, limit: outcome.limit ?? 0 };
  return { outcome, group, worst: [gate.metric], advice: outcome.met === null ? samplingAdvice(threshold, group) : [] };
}

/**
 * No figure is worse than the baseline's by more than the tolerance. Figures are compared as `--threshold "vs NAME: ttft p50 <= +10%"` does it. Throws
 * `INVALID_ARGUMENT` for a tolerance below 0 and for what is no measure.
 */
export function matchBaseline(
  name: string,
  { tolerance = DEFAULT_TOLERANCE, measures }: BaselineOptions,
  readBaseline: (name: string) => Report,
): Expectation {
  if (!(tolerance >= 0 && tolerance < Infinity))
    throw new LensError("INVALID_ARGUMENT", `Expected a tolerance from 0 up, such as 0.1 for 10 %, got \`${tolerance}\`.`);
  const gates = (measures ?? DEFAULT_MEASURES).map((measure) => gateOf(measure, name, tolerance));
  return {
    options: {},
    judge({ groups }) {
      const baseline = readBaseline(name);
      return groups.flatMap((group) => {
        const findings = gates.map((gate) => judge(gate, group, baseline));
        // Nobody asked for these by name, and not every run has them all.
        const known = measures === undefined ? findings.filter(({ outcome }) => outcome.reference?.value !== null) : findings;
        return known.length === 0 ? findings : known;
      });
    },
  };
}
