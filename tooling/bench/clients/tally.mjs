// @ts-check
/** What every client counts, in the same way. Instants are nanoseconds on the monotonic clock, as numbers: exact for 104 days of uptime. */

/** What a client is told to do, as JSON in its first argument.
 * @typedef {object} Order
 * @property {string} url the API's base URL
 * @property {number} streams how many at once
 * @property {number} requests
 * @property {number} tokens how many each answer has
 * @property {number} ttftMs the server's own; 0 where it does not pace
 */

/** @typedef {{ readonly p50: number, readonly p99: number }} Spread NaN of nothing */

/**
 * What a client found, as one line of JSON.
 * @typedef {object} Finding
 * @property {number} requests answered in the steady state
 * @property {number} tokens in the steady state
 * @property {number} broken answers that lacked tokens or had too many
 * @property {number} cpuUsPerToken
 * @property {number} requestsPerSecond
 * @property {Spread} lagMs from the write to the read
 * @property {Spread} ttftErrorMs what was measured less the server's own; the p50 and p99 of the measured less the true
 * @property {number} rssMb at the end
 */

const AT_SIGN = 64;
const ZERO = 48;

/** A list of numbers that grows without boxing them. */
export function createSamples() {
  let values = new Float64Array(1 << 16);
  let count = 0;
  return {
    /** @param {number} value */
    add(value) {
      if (count === values.length) {
        const grown = new Float64Array(count * 2);
        grown.set(values);
        values = grown;
      }
      values[count] = value;
      count += 1;
    },
    count: () => count,
    sorted: () => values.slice(0, count).toSorted(),
  };
}

/** The nearest rank, in units of `unit`. @param {Float64Array} sorted @param {number} unit @returns {Spread} */
export function spread(sorted, unit) {
  /** @param {number} percentile */
  const at = (percentile) => (sorted[Math.max(0, Math.ceil((sorted.length * percentile) / 100) - 1)] ?? Number.NaN) / unit;
  return { p50: at(50), p99: at(99) };
}

/** Calls back with the instant in each stamp that ends within `bytes`. @param {Uint8Array} bytes @param {(stampNs: number) => void} found */
export function scanStamps(bytes, found) {
  for (let at = bytes.indexOf(AT_SIGN); at !== -1; at = bytes.indexOf(AT_SIGN, at)) {
    let stampNs = 0;
    for (at += 1; ; at += 1) {
      const digit = (bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      stampNs = stampNs * 10 + digit;
    }
    found(stampNs);
  }
}

export const nowNs = () => Number(process.hrtime.bigint());

/** @returns {Order} */
export const readOrder = () => JSON.parse(process.argv[2] ?? "{}");

/** Counts from when as many requests have ended as there are streams: the first wave opens connections and warms code. @param {Order} order */
export function createTally(order) {
  const lagsNs = createSamples();
  const ttftsNs = createSamples();
  let steady = false;
  let ended = 0;
  let requests = 0;
  let tokens = 0;
  let broken = 0;
  let startNs = nowNs();
  let cpu = process.cpuUsage();

  return {
    /** Whether the first wave is over. */
    isSteady: () => steady,
    /** @param {number} atNs @param {number} stampNs */
    token(atNs, stampNs) {
      if (!steady) return;
      tokens += 1;
      lagsNs.add(atNs - stampNs);
    },
    /** One answer ended. @param {{ index: number, ttftNs: number, tokens: number }} answer */
    ended({ index, ttftNs, tokens: found }) {
      ended += 1;
      if (found !== order.tokens) broken += 1;
      if (steady) requests += 1;
      // What began within the first wave may have waited for it.
      if (index >= order.streams) ttftsNs.add(ttftNs);
      if (ended !== order.streams) return;
      steady = true;
      startNs = nowNs();
      cpu = process.cpuUsage();
    },
    /** @returns {Finding} */
    finding() {
      const used = process.cpuUsage(cpu);
      const seconds = (nowNs() - startNs) / 1e9;
      const ttft = spread(ttftsNs.sorted(), 1e6);
      return {
        requests,
        tokens,
        broken,
        cpuUsPerToken: (used.user + used.system) / tokens,
        requestsPerSecond: requests / seconds,
        lagMs: spread(lagsNs.sorted(), 1e6),
        ttftErrorMs: { p50: ttft.p50 - order.ttftMs, p99: ttft.p99 - order.ttftMs },
        rssMb: process.memoryUsage.rss() / 2 ** 20,
      };
    },
  };
}

/** Keeps `streams` requests in flight until all are done. @param {Order} order @param {(index: number) => Promise<void>} send */
export async function runLoop(order, send) {
  let next = 0;
  await Promise.all(
    Array.from({ length: order.streams }, async () => {
      while (next < order.requests) await send(next++);
    }),
  );
}

export const REQUEST_BODY = JSON.stringify({ model: "truth", stream: true, messages: [{ role: "user", content: "Say something." }] });

/** @param {object} finding */
export function print(finding) {
  console.log(JSON.stringify(finding));
  // Idle connections would hold the process.
  process.exit(0);
}
