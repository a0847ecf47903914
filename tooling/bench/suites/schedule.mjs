// @ts-check
/** How well an open loop keeps its schedule. */
import { CLIENT_CORE, here, runJson } from "../processes.mjs";
import { median } from "../table.mjs";

const SECONDS = 5;
const PACE = { ttftMs: 50, gapMs: 10, tokens: 20 };

/** @param {import("../main.mjs").Settings} settings @returns {Promise<readonly import("../table.mjs").Table[]>} */
export async function schedule({ truth, rounds, short }) {
  const server = await truth.start(PACE);
  /** @type {(string | number)[][]} */
  const rows = [];
  try {
    for (const rate of [10, 100, 500]) {
      const requests = short ? 100 : rate * SECONDS;
      const order = { url: server.url, streams: 0, requests, tokens: PACE.tokens, ttftMs: PACE.ttftMs };
      /** @type {Record<string, number>[]} */
      const found = [];
      for (let round = 0; round < rounds; round += 1) {
        process.stderr.write(`schedule, ${rate} requests a second, round ${round + 1} of ${rounds}\n`);
        const command = [process.execPath, here("clients/schedule.mjs"), JSON.stringify(order), String(rate)];
        found.push(/** @type {Record<string, number>} */ (await runJson(command, CLIENT_CORE)));
      }
      if (!found.every(({ ok, deliveredRatePerSecond }) => ok === requests && (deliveredRatePerSecond ?? 0) > 0)) {
        throw new Error(`Expected every request to be sent and answered, got ${JSON.stringify(found)}.`);
      }
      /** @param {string} key */
      const of = (key) => median(found.map((figures) => figures[key] ?? Number.NaN));
      const off = 100 * (of("deliveredRatePerSecond") / of("targetRatePerSecond") - 1);
      rows.push([
        `${rate} requests per second`,
        of("deliveredRatePerSecond"),
        `${off.toFixed(3)} %`,
        of("sendLagP50Ms"),
        of("sendLagP99Ms"),
      ]);
    }
  } finally {
    await server.stop();
  }
  const columns = ["schedule", "delivered per second", "off by", "send lag p50, ms", "send lag p99, ms"];
  return [{ title: "Open loop", columns, rows, notes: [] }];
}
