// @ts-check
/** What memory a run takes before its first request, after ten thousand and after a million. */
import { CLIENT_CORE, here, runJson } from "../processes.mjs";

const STREAMS = 50;

/** @param {import("../main.mjs").Settings} settings @returns {Promise<readonly import("../table.mjs").Table[]>} */
export async function memory({ truth, short, requests }) {
  const total = short ? 400 : requests;
  const early = short ? 200 : 10_000;
  const server = await truth.start({ ttftMs: 0, gapMs: 0, tokens: 1 });
  try {
    const order = { url: server.url, streams: STREAMS, requests: total, tokens: 1, ttftMs: 0 };
    process.stderr.write(`memory: ${total.toLocaleString("en-US")} requests\n`);
    const found = /** @type {{ ok: number, startRssMb: number, earlyRssMb: number, rssMb: number }} */ (
      await runJson([process.execPath, here("clients/memory.mjs"), JSON.stringify(order), String(early)], CLIENT_CORE)
    );
    if (found.ok !== total) throw new Error(`Expected ${total} good answers, got ${found.ok}.`);
    const rows = [
      ["libraries loaded, nothing sent", found.startRssMb, null],
      [`after ${early.toLocaleString("en-US")} requests`, found.earlyRssMb, null],
      [`after ${total.toLocaleString("en-US")} requests, each accounted for`, found.rssMb, found.rssMb - found.earlyRssMb],
    ];
    return [{ title: "Memory", columns: ["when", "RSS, MB", "growth, MB"], rows, notes: [] }];
  } finally {
    await server.stop();
  }
}
