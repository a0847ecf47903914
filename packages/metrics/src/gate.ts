import { LensError } from "@lens/core";
import { parseThreshold, readCondition, type Threshold } from "./threshold.ts";

/** A threshold whose limit is what another report says, and so much more or less: `vs baseline.json: ttft p95 < +10%`. Plain JSON. */
export interface RelativeThreshold extends Omit<Threshold, "limit"> {
  /** The file or the saved baseline, as it was named. */
  readonly reference: string;
  /** How far the figure may lie from the reference's: 0.1 for `+10%`. For a metric that is a share, percentage points: 0.1 for ten of them. */
  readonly allowed: number;
}

/** What a run or a report can be held against. */
export type Gate = Threshold | RelativeThreshold;

const VERSUS = /^vs (.*?): (.*)$/i;
const CHANGE = /^([+-]?)(\d+(?:\.\d+)?) ?%$/;

function refuse(expected: string, got: string): never {
  throw new LensError("INVALID_ARGUMENT", `Expected ${expected}, got \`${got.slice(0, 60)}\`.`);
}

/** Whether a gate is relative to another report. */
export function isRelative(gate: Gate): gate is RelativeThreshold {
  return "reference" in gate;
}

function readAllowed(written: string): number {
  const [, sign, percent] = CHANGE.exec(written.replace("−", "-")) ?? [];
  const allowed = (Number(percent ?? Number.NaN) / 100) * (sign === "-" ? -1 : 1);
  return allowed >= -1 ? allowed : refuse("the limit after `vs REFERENCE:` to be a change such as +10% or -5%", written);
}

/**
 * Reads a threshold as `parseThreshold` does, or one that is relative to another report: `vs baseline.json: ttft p95 < +10%`, `vs main: error rate < +1%`.
 * Throws `INVALID_ARGUMENT` likewise.
 */
export function parseGate(written: string): Gate {
  const text = written.trim().replace(/\s+/g, " ");
  if (!/^vs /i.test(text)) return parseThreshold(text);
  const [, reference = "", condition] = VERSUS.exec(text) ?? [];
  if (reference === "" || condition === undefined)
    return refuse("a reference and a threshold such as `vs baseline.json: ttft p95 < +10%`", text);
  const { metric, statistic, operator, limit, unit } = readCondition(condition);
  return { text, metric, statistic, operator, unit, reference, allowed: readAllowed(limit) };
}
