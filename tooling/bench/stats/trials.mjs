// @ts-check
/** What the comparison says of latencies of which it is known whether they differ. */
import { createRandom } from "@lens/core";
import { compareSeries, createHistogram } from "@lens/metrics";

/** A series of a run holds between 33 and 64 bins. */
const BINS = 48;
const MEDIUM_NS = 2e8;
const PERCENTILES = [50, 95, 99];

/** @typedef {{ readonly at: number, readonly latency: number }} Request `at` is a share of the run */
/** @typedef {{ readonly trials: number, readonly resamples: number }} Trials */
/** @typedef {(random: import("@lens/core").Random) => { readonly base: readonly Request[], readonly candidate: readonly Request[], readonly paired: boolean }} Experiment */

/** @param {readonly Request[]} requests @returns {import("@lens/metrics").SampleSeries} */
function toSeries(requests) {
  const histogram = createHistogram();
  const bins = Array.from({ length: BINS }, (_, index) => ({ index, histogram: createHistogram() }));
  for (const { at, latency } of requests) {
    const latencyNs = Math.round(latency * MEDIUM_NS);
    histogram.record(latencyNs);
    bins[Math.floor(at * BINS)]?.histogram.record(latencyNs);
  }
  return { histogram, independent: requests.length, binNs: 1e9, bins };
}

/** @param {readonly number[]} latencies @param {number} factor @returns {readonly Request[]} */
const spreadOut = (latencies, factor) =>
  latencies.map((latency, index) => ({ at: (index + 0.5) / latencies.length, latency: latency * factor }));

/** Two runs of a server, the second one slower by `factor`. @param {import("./models.mjs").Model} model @param {number} requests @param {number} factor @returns {Experiment} */
export const apart = (model, requests, factor) => (random) => ({
  base: spreadOut(model(requests, random), 1),
  candidate: spreadOut(model(requests, random), factor),
  paired: false,
});

/** Both by turns, in random order within each turn, while one server's latency goes its way. @param {import("./models.mjs").Model} model @param {number} requests @param {number} factor @returns {Experiment} */
export const interleaved = (model, requests, factor) => (random) => {
  const all = spreadOut(model(2 * requests, random), 1);
  /** @type {[Request[], Request[]]} */
  const [base, candidate] = [[], []];
  let isBase = false;
  all.forEach(({ at, latency }, index) => {
    isBase = index % 2 === 0 ? random.uniform() < 0.5 : !isBase;
    if (isBase) base.push({ at, latency });
    else candidate.push({ at, latency: latency * factor });
  });
  return { base, candidate, paired: true };
};

/** @param {Experiment} experiment @param {number} trial @param {number} resamples */
function compare(experiment, trial, resamples) {
  const { base, candidate, paired } = experiment(createRandom(20_261_123, trial));
  return compareSeries(toSeries(base), toSeries(candidate), {
    metric: "ttft",
    percentiles: PERCENTILES,
    seed: trial,
    resamples,
    paired,
  });
}

/** @param {import("@lens/metrics").MetricComparison} row */
const isCalled = ({ verdict }) => verdict === "faster" || verdict === "slower";

/** @param {import("@lens/metrics").MetricComparison} row @param {number} truth */
function misses({ interval: { lower, upper } }, truth) {
  return (lower !== null && lower > truth) || (upper !== null && upper < truth);
}

/**
 * Compares what does not differ. `called` is the share of trials that called any percentile different; `missed` the share of
 * intervals of the median that do not hold 0; `worth` how many independent samples a request was worth to the median.
 * @param {Experiment} experiment @param {Trials} trials
 */
export function compareAlike(experiment, { trials, resamples }) {
  const found = { called: 0, missed: 0, worth: 0 };
  for (let trial = 0; trial < trials; trial += 1) {
    const rows = compare(experiment, trial, resamples);
    if (rows.some(isCalled)) found.called += 1 / trials;
    const median = rows.find(({ statistic }) => statistic === 50);
    if (median === undefined) continue;
    if (misses(median, 0)) found.missed += 1 / trials;
    found.worth += median.effectiveSamples.base / trials;
  }
  return found;
}

/**
 * Compares what differs by `factor`, first with so many requests, and where that does not decide the median, again in a new run of as many as were asked
 * for. `power` is the share of these new runs that call the candidate slower.
 * @param {(requests: number) => Experiment} experimentOf @param {number} requests @param {Trials} trials
 */
export function askAndCompare(experimentOf, requests, { trials, resamples }) {
  /** @type {number[]} */
  const asked = [];
  let slower = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const first = compare(experimentOf(requests), trial, resamples).find(({ statistic }) => statistic === 50);
    if (first?.verdict !== "not-enough-data") continue;
    const needed = requests + (first.requestsNeeded ?? 0);
    asked.push(needed);
    const second = compare(experimentOf(needed), trials + trial, resamples).find(({ statistic }) => statistic === 50);
    if (second?.verdict === "slower") slower += 1;
  }
  const ascending = asked.toSorted((left, right) => left - right);
  return { power: slower / asked.length, asked: asked.length, medianRequests: ascending[ascending.length >> 1] ?? null };
}
