import { LensError } from "@lens/core";

/** A level of load and what was measured at it. */
export interface SweepStep<Result> {
  readonly level: number;
  readonly result: Result;
}

/** A sweep: the same measurement at one level of load after the other. */
export interface SweepOptions<Result> {
  /** At least one, in the order in which they are tried. */
  readonly levels: readonly number[];
  /** Measures at one level. What it rejects with ends the sweep. */
  readonly probe: (level: number, signal: AbortSignal | undefined) => Promise<Result>;
  /** Whether to try no further level after this one, as where most requests failed. */
  readonly isEnough?: (step: SweepStep<Result>) => boolean;
  /** Told of each level as it is done. */
  readonly onLevel?: (step: SweepStep<Result>) => void | Promise<void>;
  /** Handed on to the probe; no further level is begun once it aborts. */
  readonly signal?: AbortSignal;
}

/** What a sweep came to. */
export interface SweepResult<Result> {
  readonly steps: readonly SweepStep<Result>[];
  /** Why levels are missing; null where none is. */
  readonly stoppedBy: "enough" | "signal" | null;
}

/** Runs a sweep, one level after the other. A level during which `signal` aborted is in the result: it is up to the probe what it then holds. */
export async function runSweep<Result>(options: SweepOptions<Result>): Promise<SweepResult<Result>> {
  const { levels, probe, isEnough, onLevel, signal } = options;
  if (levels.length === 0) throw new LensError("INVALID_ARGUMENT", "Expected at least one level to sweep over, got none.");
  const steps: SweepStep<Result>[] = [];
  for (const level of levels) {
    if (signal?.aborted === true) break;
    const step = { level, result: await probe(level, signal) };
    steps.push(step);
    await onLevel?.(step);
    if (isEnough?.(step) === true) break;
  }
  const missing = steps.length < levels.length;
  return { steps, stoppedBy: signal?.aborted === true ? "signal" : missing ? "enough" : null };
}
