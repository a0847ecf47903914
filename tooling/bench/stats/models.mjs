// @ts-check
/** Latencies of a made-up server, as times of the medium request, in the order in which requests start. */

/** @typedef {(requests: number, random: import("@lens/core").Random) => readonly number[]} Model */

const SPREAD = 0.4;
const CORRELATION = 0.8;

/** @param {number} length @param {() => number} value */
const times = (length, value) => Array.from({ length }, value);

/** The long tail that most servers show. @type {Model} */
const lognormal = (requests, random) => times(requests, () => Math.exp(SPREAD * random.normal()));

/** Two kinds of requests, as with and without a cached prompt; the median lies in neither's middle. @type {Model} */
const bimodal = (requests, random) => times(requests, () => (random.uniform() < 0.65 ? 1 : 3) * Math.exp(0.15 * random.normal()));

/** A slow stretch is followed by slow requests: the logarithms are an AR(1) series. @type {Model} */
function autocorrelated(requests, random) {
  let state = random.normal();
  return times(requests, () => {
    const latency = Math.exp(SPREAD * state);
    state = CORRELATION * state + Math.sqrt(1 - CORRELATION ** 2) * random.normal();
    return latency;
  });
}

/** @type {Readonly<Record<"lognormal" | "bimodal" | "autocorrelated", Model>>} */
export const MODELS = { lognormal, bimodal, autocorrelated };
