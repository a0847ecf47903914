// @ts-check
/**
 * An open loop in one worker thread: prints how well its schedule was kept.
 *
 *   node schedule.mjs '<order>' <requests per second>
 */
import { runLoad } from "@lens/load";
import { print, readOrder } from "./tally.mjs";

const order = readOrder();
let ok = 0;
const { schedule } = await runLoad({
  plan: { load: { mode: "open", arrivals: { process: "constant", ratePerSecond: Number(process.argv[3]) } }, requests: order.requests },
  job: {
    target: { adapter: "openai", model: "truth", baseUrl: order.url, apiKey: "unused" },
    prompts: [{ messages: [{ role: "user", content: "Say something." }] }],
  },
  workers: 1,
  onRecord(record) {
    if (record.outcome.kind === "ok") ok += 1;
  },
});
print({
  ok,
  targetRatePerSecond: schedule?.targetRatePerSecond,
  deliveredRatePerSecond: schedule?.deliveredRatePerSecond,
  sendLagP50Ms: (schedule?.sendLag.p50Ns ?? Number.NaN) / 1e6,
  sendLagP99Ms: (schedule?.sendLag.p99Ns ?? Number.NaN) / 1e6,
});
