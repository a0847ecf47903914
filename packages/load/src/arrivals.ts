import { createRandom, LensError, type Random } from "@lens/core";
import type { Arrivals } from "./plan.ts";
import type { Ramp } from "./stages.ts";

const NS_PER_SECOND = 1e9;

/** Gamma with mean `shape` and scale 1 (Marsaglia and Tsang, ACM TOMS 26, 2000); below 1 by their boost from `shape + 1`. */
function drawGamma(random: Random, shape: number): number {
  if (shape < 1) return drawGamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Gaps with mean 1. */
function unitGaps(arrivals: Exclude<Arrivals, { process: "timestamps" | "trace" }>, random: Random): () => number {
  switch (arrivals.process) {
    case "constant":
      return () => 1;
    case "poisson":
      return () => -Math.log(1 - random.uniform());
    case "gamma":
      return () => drawGamma(random, arrivals.burstiness) / arrivals.burstiness;
  }
}

/**
 * When the cumulative rate of a ramp (in requests per second) reaches a number of requests, in whole nanoseconds; null where it never does.
 * On a straight line from rate r with slope s the count is r·t + s·t²/2, so t = 2·count / (r + √(r² + 2·s·count)), which loses no digits
 * at either end. To be asked in ascending order.
 */
function createInverse({ from, stages }: Ramp): (count: number) => number | null {
  let next = 0;
  let startNs = 0;
  let startCount = 0;
  let rate = from;
  return (count) => {
    for (let stage = stages[next]; stage !== undefined; stage = stages[next]) {
      const seconds = stage.durationNs / NS_PER_SECOND;
      const stageCount = ((rate + stage.to) / 2) * seconds;
      const rest = count - startCount;
      if (rest <= stageCount && stageCount > 0) {
        const slope = (stage.to - rate) / seconds;
        const root = Math.sqrt(Math.max(0, rate * rate + 2 * slope * rest));
        return rest === 0 && rate === 0 ? startNs : startNs + Math.round((2 * rest * NS_PER_SECOND) / (rate + root));
      }
      startNs += stage.durationNs;
      startCount += stageCount;
      rate = stage.to;
      next += 1;
    }
    return rate === 0 ? null : startNs + Math.round(((count - startCount) * NS_PER_SECOND) / rate);
  };
}

/**
 * Due times in whole nanoseconds after the start of the run, without end unless the rate falls to 0 for good. Each comes from the exact sum
 * of the gaps before it, so no rounding adds up; a changing rate stretches the gaps so that at every moment the expected
 * count is that of the rate. Evenly spaced requests begin at 0, random ones with a gap. Throws `INVALID_ARGUMENT` for a trace.
 */
export function* dueTimes(arrivals: Arrivals, seed: number): Generator<number, void> {
  if (arrivals.process === "timestamps") {
    yield* arrivals.atNs;
    return;
  }
  if (arrivals.process === "trace")
    throw new LensError("INVALID_ARGUMENT", "Expected arrivals that are known beforehand, got a trace, which is read while it is sent.");
  const gap = unitGaps(arrivals, createRandom(seed, 0));
  const inverse = createInverse({ from: arrivals.ratePerSecond, stages: arrivals.stages ?? [] });
  for (let count = arrivals.process === "constant" ? 0 : gap(); ; count += gap()) {
    const dueNs = inverse(count);
    // Beyond 104 days, where nanoseconds are no longer whole, the rate is as good as 0.
    if (dueNs === null || !Number.isSafeInteger(dueNs)) return;
    yield dueNs;
  }
}
