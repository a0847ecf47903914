// @ts-check
/**
 * Two simulators, one 8 % slower to its first token, under a drift that raises both by half during the run: what `lens compare` says when it asks
 * them by turns, and what comes of measuring one after the other.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CLIENT_CORE, lens, run, startSimulator } from "../processes.mjs";

const TTFT_MS = 20;
const SLOWER = 1.08;
/** About as long as a run takes. */
const DRIFT = "50%/6s";
const REQUESTS = { whole: 600, short: 20 };

/** @typedef {{ readonly verdict: string, readonly differenceShare: number, readonly interval: { readonly lower: number | null, readonly upper: number | null } }} Finding */

/** @param {string} folder @param {readonly number[]} ttftsMs @param {number} seed @param {(config: string) => Promise<string>} measure @returns {Promise<Finding>} */
async function underDrift(folder, ttftsMs, seed, measure) {
  const simulators = await Promise.all(
    ttftsMs.map((ttftMs, index) => {
      const own = ["--ttft", `lognormal:${ttftMs}ms,0.1`, "--seed", String(2 * seed + index)];
      return startSimulator([...own, "--drift", DRIFT, "--gap", "1ms", "--tokens", "4"]);
    }),
  );
  try {
    const targets = simulators.map(({ url }, index) => ({ target: "openai:m", label: "AB"[index], baseUrl: url }));
    const config = path.join(folder, "lens.config.json");
    writeFileSync(config, JSON.stringify({ targets }));
    /** @type {{ comparisons: readonly { metrics: readonly (Finding & { metric: string, statistic: number | null })[] }[] }} */
    const { comparisons } = JSON.parse(await measure(config));
    const found = comparisons[0]?.metrics.find(({ metric, statistic }) => metric === "ttft" && statistic === 50);
    if (found === undefined) throw new Error("Expected the comparison to have a TTFT p50.");
    return found;
  } finally {
    await Promise.all(simulators.map(({ stop }) => stop()));
  }
}

/** 5 is what a regression ends with. */
const ACCEPTED = [0, 5];
const percent = (/** @type {number | null} */ share) => (share === null ? "?" : (100 * share).toFixed(1));

/** @param {Finding} finding @param {number} truth @returns {readonly [string, string]} */
function cells({ verdict, differenceShare, interval: { lower, upper } }, truth) {
  const isRight = verdict === (truth > 0 ? "slower" : "faster");
  const holds = (lower ?? -Infinity) <= truth && truth <= (upper ?? Infinity);
  const range = `(${percent(lower)} … ${percent(upper)})${holds ? "" : ", misses"}`;
  return [`${percent(differenceShare)} ${range}`, `${verdict}: ${isRight ? "right" : "WRONG"}`];
}

/** @param {import("../main.mjs").Settings} settings @returns {Promise<readonly import("../table.mjs").Table[]>} */
export async function compare({ rounds, short }) {
  const load = ["-n", String(short ? REQUESTS.short : REQUESTS.whole), "-c", "6", "--quiet"];
  const folder = mkdtempSync(path.join(tmpdir(), "lens-bench-"));
  const rows = [];
  try {
    for (let seed = 1; seed <= rounds; seed += 1) {
      const slowFirst = seed % 2 === 1;
      const ttftsMs = [TTFT_MS * (slowFirst ? SLOWER : 1), TTFT_MS * (slowFirst ? 1 : SLOWER)];
      const truth = (slowFirst ? 1 / SLOWER : SLOWER) - 1;
      const byTurns = await underDrift(folder, ttftsMs, seed, (config) =>
        run([...lens, "compare", ...load, "--seed", String(seed), "--config", config, "--json"], CLIENT_CORE, { accepted: ACCEPTED }),
      );
      const inRow = await underDrift(folder, ttftsMs, seed, async (config) => {
        const report = path.join(folder, "report.json");
        await run([...lens, "benchmark", ...load, "--config", config, "-f", "json", "-o", report, "--force"], CLIENT_CORE);
        return run([...lens, "compare", report, "--seed", String(seed), "--json"], CLIENT_CORE, { accepted: ACCEPTED });
      });
      rows.push([String(seed), `${percent(truth)} %`, ...cells(byTurns, truth), ...cells(inRow, truth)]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return [
    {
      title: "Two servers under drift",
      columns: ["seed", "B against A, truly", "by turns, %", "verdict", "one after the other, %", "verdict"],
      rows,
      notes: [
        `TTFT p50 of ${TTFT_MS} ms, one server ${Math.round(100 * (SLOWER - 1))} % slower; both rise by ${DRIFT.replace("/", " in ")} while they are measured.`,
        "`misses`: the true difference is not in the interval, which of 20 intervals at 95 % happens to one.",
      ],
    },
  ];
}
