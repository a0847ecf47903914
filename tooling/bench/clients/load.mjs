// @ts-check
/**
 * A run by the load engine, in worker threads, as the command starts it: `lens.mjs` with everything around it. Workers keep the text of tokens
 * to themselves, so the lag of a token is not known here.
 *
 *   node load.mjs '<order>' <workers>
 */
import { runLoad } from "@lens/load";
import { createSummary, ttftNs } from "@lens/metrics";
import { readFileSync } from "node:fs";
import { createSamples, nowNs, print, readOrder, spread } from "./tally.mjs";

const order = readOrder();
const summary = createSummary({});
const ttftsNs = createSamples();
const boundsNs = createSamples();
const ca = process.env["NODE_EXTRA_CA_CERTS"];
let requests = 0;
let tokens = 0;
let broken = 0;
let startNs = 0;
let cpu = process.cpuUsage();

await runLoad({
  // The first wave is the warm-up.
  plan: { load: { mode: "closed", concurrency: order.streams }, requests: order.requests - order.streams },
  job: {
    target: { adapter: "openai", model: "truth", baseUrl: order.url, apiKey: "unused" },
    prompts: [{ messages: [{ role: "user", content: "Say something." }] }],
    ...(ca === undefined ? {} : { ca: readFileSync(ca, "utf8") }),
  },
  workers: Number(process.argv[3]),
  onRecord(record) {
    summary.add(record);
    const found = record.arrivals.events.reduce((sum, events) => sum + events, 0);
    if (found !== order.tokens || record.outcome.kind !== "ok") broken += 1;
    if (startNs !== 0) {
      requests += 1;
      tokens += found;
    }
    if (record.phase !== "measured") return;
    ttftsNs.add(ttftNs(record) ?? Number.NaN);
    boundsNs.add(record.latenessNs ?? Number.NaN);
    if (startNs !== 0) return;
    startNs = nowNs();
    cpu = process.cpuUsage();
  },
});

const used = process.cpuUsage(cpu);
const ttft = spread(ttftsNs.sorted(), 1e6);
print({
  requests,
  tokens,
  broken,
  cpuUsPerToken: (used.user + used.system) / tokens,
  requestsPerSecond: requests / ((nowNs() - startNs) / 1e9),
  lagMs: { p50: null, p99: null },
  ttftErrorMs: { p50: ttft.p50 - order.ttftMs, p99: ttft.p99 - order.ttftMs },
  boundMs: spread(boundsNs.sorted(), 1e6),
  rssMb: process.memoryUsage.rss() / 2 ** 20,
});
