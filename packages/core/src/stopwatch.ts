import { type Clock, systemClock } from "./clock.ts";

/** A named point in time of a measured piece of code. */
export interface Checkpoint {
  readonly name: string;
  /** Nanoseconds after the start. */
  readonly atNs: number;
  /** Nanoseconds after the checkpoint before, or the start. */
  readonly sinceLastNs: number;
}

/** How long something took, with its checkpoints in the order in which they were taken. */
export interface Timing {
  readonly totalNs: number;
  readonly checkpoints: readonly Checkpoint[];
}

/** A running stopwatch. */
export interface Stopwatch {
  /** Keeps the present instant under a name. Costs well under a microsecond; names may repeat. */
  checkpoint(name: string): void;
  /** The timing so far; the stopwatch goes on. */
  read(): Timing;
}

/** The result of a measured function, and how long it took. */
export interface Measured<T> extends Timing {
  readonly value: T;
}

/** Starts a stopwatch on the system's monotonic clock, or on `clock`. */
export function createStopwatch(clock: Clock = systemClock): Stopwatch {
  const names: string[] = [];
  const instants: bigint[] = [];
  const startNs = clock.nowNs();
  return {
    checkpoint(name) {
      instants.push(clock.nowNs());
      names.push(name);
    },
    read() {
      const totalNs = Number(clock.nowNs() - startNs);
      let lastNs = 0;
      const checkpoints = instants.map((instantNs, index) => {
        const atNs = Number(instantNs - startNs);
        const sinceLastNs = atNs - lastNs;
        lastNs = atNs;
        return { name: names[index] ?? "", atNs, sinceLastNs };
      });
      return { totalNs, checkpoints };
    },
  };
}

/** Runs `work` and says how long it took. `work` may take checkpoints; what it throws passes through. */
export function measure<T>(work: (checkpoint: (name: string) => void) => T, clock: Clock = systemClock): Measured<T> {
  const stopwatch = createStopwatch(clock);
  const value = work(stopwatch.checkpoint);
  return { value, ...stopwatch.read() };
}

/** Like `measure`, for work that returns a promise: the time runs until it settles. */
export async function measureAsync<T>(
  work: (checkpoint: (name: string) => void) => Promise<T>,
  clock: Clock = systemClock,
): Promise<Measured<T>> {
  const stopwatch = createStopwatch(clock);
  const value = await work(stopwatch.checkpoint);
  return { value, ...stopwatch.read() };
}
