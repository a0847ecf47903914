// @ts-check
/** What `observeFetch` costs under an SDK: CPU, and how much later the SDK's user sees a token. */
import { CLIENT_CORE, here, runJson } from "../processes.mjs";
import { median } from "../table.mjs";

/** @typedef {{ readonly cpuUsPerToken: number, readonly lagUs: number }} Wave */
/** @typedef {{ readonly bare: readonly Wave[], readonly observed: readonly Wave[], readonly broken: number, readonly missing: number }} Finding */

/** Fast enough to keep a core at work with few streams: what a token costs is to be seen, and not what a pause does. */
const PACE = { ttftMs: 20, gapMs: 2, tokens: 100 };
/** More would wait for the SDK, and lags be those of its queue. */
const MOST_STREAMS = 20;
const PAIRS = 50;
const SHORT_PAIRS = 2;

/** @param {import("../main.mjs").Settings} settings @param {number} streams @returns {Promise<{ bare: Wave, observed: Wave }[]>} all pairs of waves, of all rounds */
async function measure({ truth, rounds, short }, streams) {
  const server = await truth.start(PACE);
  const requests = streams * 2 * (short ? SHORT_PAIRS : PAIRS);
  const order = JSON.stringify({ url: server.url, streams, requests, tokens: PACE.tokens, ttftMs: PACE.ttftMs });
  const pairs = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      process.stderr.write(`${streams} streams observed, round ${round + 1} of ${rounds}\n`);
      const command = [process.execPath, "--no-warnings", here("clients/observed.mjs"), order];
      const { bare, observed, broken, missing } = /** @type {Finding} */ (await runJson(command, CLIENT_CORE));
      if (broken > 0 || missing !== 0)
        throw new Error(`Expected whole answers and a record of each, got ${broken} broken, and ${missing} records missing.`);
      for (const [index, wave] of bare.entries()) pairs.push({ bare: wave, observed: /** @type {Wave} */ (observed[index]) });
    }
  } finally {
    await server.stop();
  }
  return pairs;
}

/** @param {import("../main.mjs").Settings} settings @returns {Promise<readonly import("../table.mjs").Table[]>} */
export async function observe(settings) {
  const rows = [];
  for (const streams of new Set(settings.levels.map((level) => Math.min(level, MOST_STREAMS)))) {
    const pairs = await measure(settings, streams);
    /** @param {(pair: { bare: Wave, observed: Wave }) => number} pick */
    const middle = (pick) => median(pairs.map(pick));
    rows.push([
      String(streams),
      middle(({ bare }) => bare.cpuUsPerToken),
      middle(({ observed }) => observed.cpuUsPerToken),
      `${(100 * middle(({ bare, observed }) => observed.cpuUsPerToken / bare.cpuUsPerToken - 1)).toFixed(1)} %`,
      middle(({ bare }) => bare.lagUs),
      middle(({ observed }) => observed.lagUs),
      middle(({ bare, observed }) => observed.lagUs - bare.lagUs),
    ]);
  }
  return [
    {
      title: "The OpenAI SDK, observed",
      columns: ["streams at once", "CPU per token, µs", "observed, µs", "added", "lag p50, µs", "observed, µs", "added, µs"],
      rows,
      notes: ["By turns within one process, in waves of as many answers as streams; what is added is the median of the pairs."],
    },
  ];
}
