// @ts-check
/** What each step on the way of a token costs by itself. */
import { CLIENT_CORE, here, runJson } from "../processes.mjs";
import { median } from "../table.mjs";

const PARTS = {
  checkpointNs: "a checkpoint of a stopwatch",
  eventNs: "an SSE event, framed and decoded (280 bytes of OpenAI's)",
  arrivalNs: "a clock read, its lateness bound, and its mark in the record",
  histogramNs: "a sample in a histogram",
  clockNs: "a clock read by itself",
};

/** @param {import("../main.mjs").Settings} settings @returns {Promise<readonly import("../table.mjs").Table[]>} */
export async function parts({ rounds, short }) {
  const command = [process.execPath, here("clients/parts.mjs"), ...(short ? ["5", "1000"] : [])];
  /** @type {Record<string, { median: number, least: number }>[]} */
  const found = [];
  for (let round = 0; round < rounds; round += 1) found.push(/** @type {(typeof found)[number]} */ (await runJson(command, CLIENT_CORE)));
  const rows = Object.entries(PARTS).map(([key, name]) => {
    const medians = found.map((costsNs) => (costsNs[key]?.median ?? Number.NaN) / 1e3);
    const least = Math.min(...found.map((costsNs) => (costsNs[key]?.least ?? Number.NaN) / 1e3));
    if (!(median(medians) > 0 && least > 0)) throw new Error(`Expected a cost of ${name}, got ${JSON.stringify(found)}.`);
    return [name, median(medians), least];
  });
  return [{ title: "What a step costs", columns: ["step", "median, µs", "least, µs"], rows, notes: [] }];
}
