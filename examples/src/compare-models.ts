/** Two models asked by turns, so that whatever changes meanwhile changes for both, and how much slower one is, with how sure that is. */
import { runLoad } from "@lens/load";
import { compareGroups, createSummary } from "@lens/metrics";
import { startSimulator } from "@lens/sim";

// For real models: their adapters, names and keys, and no `baseUrl`.
const quick = await startSimulator({ scenario: { ttftMs: { median: 10, sigma: 0.1 }, gapMs: 0, outputTokens: 5 } });
const slow = await startSimulator({ scenario: { ttftMs: { median: 30, sigma: 0.1 }, gapMs: 0, outputTokens: 5 } });
const target = { adapter: "openai", apiKey: "any" };
const summary = createSummary();

const { startedAtMs, durationNs } = await runLoad({
  plan: { load: { mode: "closed", concurrency: 4 }, requests: 100, targets: 2 },
  job: {
    target: [
      { ...target, model: "gpt-6-luna", baseUrl: quick.baseUrls.openai },
      { ...target, model: "gpt-6-sol", baseUrl: slow.baseUrls.openai },
    ],
    prompts: [{ messages: [{ role: "user", content: "Why is the sky blue?" }] }],
  },
  workers: 0,
  onRecord: (record) => summary.add(record),
});
await Promise.all([quick.close(), slow.close()]);

const { groups } = summary.report({ tool: { name: "my-comparison", version: "1.0.0" }, run: { startedAtMs, durationNs } });
const [luna, sol] = ["gpt-6-luna", "gpt-6-sol"].map((model) => groups.find((group) => group.target.model === model));
if (luna === undefined || sol === undefined) throw new Error("Expected requests to both.");
const percent = (share: number | null): string => (share === null ? "?" : `${(100 * share).toFixed(0)} %`);

const { metrics } = compareGroups(luna, sol, { seed: 1, paired: true });
for (const { metric, statistic, differenceShare, interval, verdict } of metrics)
  if (metric === "ttft" && statistic === 50)
    console.log(`TTFT p50: ${verdict} by ${percent(differenceShare)} (${percent(interval.lower)} to ${percent(interval.upper)})`);
