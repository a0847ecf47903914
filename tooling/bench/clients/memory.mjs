// @ts-check
/** Sends short requests through one run and prints RSS (MB) before the first, after `early` and after all of them: a run must not grow with their number. */
import { createSummary } from "@lens/metrics";
import { createLeanTransport, openaiChat, runRequest } from "@lens/providers";
import { print, readOrder, runLoop } from "./tally.mjs";

const order = readOrder();
const early = Number(process.argv[3]);
const transport = createLeanTransport();
const summary = createSummary({});
const prompt = { model: "truth", messages: [{ role: /** @type {const} */ ("user"), content: "Say something." }] };
const credentials = { apiKey: "unused", baseUrl: order.url };
const rssMb = () => process.memoryUsage.rss() / 2 ** 20;

const startRssMb = rssMb();
let ok = 0;
let earlyRssMb = Number.NaN;
await runLoop(order, async () => {
  const record = await runRequest(openaiChat, prompt, { transport, credentials });
  summary.add(record);
  if (record.outcome.kind === "ok") ok += 1;
  if (ok === early) earlyRssMb = rssMb();
});
print({ ok, startRssMb, earlyRssMb, rssMb: rssMb() });
