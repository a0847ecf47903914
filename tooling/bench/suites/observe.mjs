// @ts-check
/** What `observeFetch` costs under an SDK: CPU, and how much later the SDK's user sees a token. */
import { CLIENT_CORE, here, runJson } from "../processes.mjs";
import { median } from "../table.mjs";

/** @typedef {import("../clients/tally.mjs").Finding & { records: number }} Finding */

const PACE = { ttftMs: 200, gapMs: 20, tokens: 100 };
const SHORT_PACE = { ttftMs: 50, gapMs: 5, tokens: 20 };
/** Above it the SDK by itself uses up a core, and lags are those of its queue. */
const MOST_STREAMS = 200;
const WAVES = 10;

/** Runs the SDK with and without, by turns. @param {import("../main.mjs").Settings} settings @param {number} streams */
async function measure({ truth, rounds, short }, streams) {
  const pace = short ? SHORT_PACE : PACE;
  const server = await truth.start(pace);
  const order = { url: server.url, streams, requests: streams * (short ? 3 : WAVES), tokens: pace.tokens, ttftMs: pace.ttftMs };
  /** @param {readonly string[]} args */
  const run = async (...args) =>
    /** @type {Finding} */ (
      await runJson([process.execPath, "--no-warnings", here("clients/openai.mjs"), JSON.stringify(order), ...args], CLIENT_CORE)
    );
  /** @type {{ bare: Finding, observed: Finding }[]} */
  const found = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      process.stderr.write(`observed, ${streams} streams, round ${round + 1} of ${rounds}\n`);
      const bareFirst = round % 2 === 0;
      const first = await run(...(bareFirst ? [] : ["observed"]));
      const second = await run(...(bareFirst ? ["observed"] : []));
      found.push(bareFirst ? { bare: first, observed: second } : { bare: second, observed: first });
    }
  } finally {
    await server.stop();
  }
  for (const { bare, observed } of found)
    if (bare.broken + observed.broken > 0 || observed.records !== order.requests)
      throw new Error(`Expected whole answers and a record of each of ${order.requests}, got ${JSON.stringify({ bare, observed })}.`);
  return found;
}

/** @param {import("../main.mjs").Settings} settings @returns {Promise<readonly import("../table.mjs").Table[]>} */
export async function observe(settings) {
  const rows = [];
  for (const streams of settings.levels.filter((level) => level <= MOST_STREAMS)) {
    const found = await measure(settings, streams);
    /** @param {(pair: { bare: Finding, observed: Finding }) => number} pick */
    const middle = (pick) => median(found.map(pick));
    const addedShare = middle(({ bare, observed }) => observed.cpuUsPerToken / bare.cpuUsPerToken - 1);
    rows.push([
      String(streams),
      middle(({ bare }) => bare.cpuUsPerToken),
      middle(({ observed }) => observed.cpuUsPerToken),
      `${(addedShare * 100).toFixed(1)} %`,
      middle(({ bare }) => bare.lagMs.p50),
      middle(({ observed }) => observed.lagMs.p50),
      middle(({ bare, observed }) => (observed.lagMs.p50 - bare.lagMs.p50) * 1e3),
    ]);
  }
  return [
    {
      title: "The OpenAI SDK, observed",
      columns: ["streams at once", "CPU per token, µs", "observed, µs", "added", "lag p50, ms", "observed, ms", "added to the lag p50, µs"],
      rows,
      notes: ["Medians over the rounds, of the differences within each round where something is added."],
    },
  ];
}
