import type { Stage } from "./plan.ts";

/** A level over time: `from` at the beginning, then stage by stage; the last level stays. */
export interface Ramp {
  readonly from: number;
  readonly stages: readonly Stage[];
}

/** A change of a whole level, so long after the beginning. */
export interface LevelStep {
  readonly atNs: number;
  readonly level: number;
}

/** How long the stages take together. */
export function stagesNs(stages: readonly Stage[]): number {
  return stages.reduce((sum, stage) => sum + stage.durationNs, 0);
}

/** The highest level that is reached. */
export function peakOf({ from, stages }: Ramp): number {
  return stages.reduce((peak, stage) => Math.max(peak, stage.to), from);
}

/** The level `elapsedNs` after the beginning. */
export function levelAt({ from, stages }: Ramp, elapsedNs: number): number {
  let level = from;
  let startNs = 0;
  for (const { durationNs, to } of stages) {
    if (elapsedNs < startNs + durationNs) return level + ((to - level) * (elapsedNs - startNs)) / durationNs;
    startNs += durationNs;
    level = to;
  }
  return level;
}

/**
 * Each whole level of a ramp between whole levels, at the moment at which the straight line reaches it. The first is the beginning, or the level of a
 * later time from which on they are wanted.
 */
export function* levelSteps(ramp: Ramp, fromNs = 0): Generator<LevelStep, void> {
  let past: LevelStep | null = null;
  for (const step of allSteps(ramp)) {
    if (step.atNs > fromNs && past !== null) {
      yield past;
      past = null;
    }
    if (step.atNs > fromNs) yield step;
    else past = step;
  }
  if (past !== null) yield past;
}

function* allSteps({ from, stages }: Ramp): Generator<LevelStep, void> {
  let level = from;
  let startNs = 0;
  yield { atNs: 0, level };
  for (const { durationNs, to } of stages) {
    const count = Math.abs(to - level);
    for (let step = 1; step <= count; step += 1) {
      yield { atNs: startNs + Math.round((durationNs * step) / count), level: level + step * Math.sign(to - level) };
    }
    startNs += durationNs;
    level = to;
  }
}
