import { LensError, type RequestRecord } from "@lens/core";
import { formatCount, formatUsd } from "@lens/exporters";
import type { Budget } from "@lens/load";
import { lastAttempt, type PriceBook } from "@lens/metrics";
import type { ResolvedSettings } from "./config.ts";
import type { Io } from "./io.ts";
import type { PlannedLoad } from "./load-plan.ts";
import { mostTokens } from "./prompt-tokens.ts";
import type { Prompt } from "./prompt.ts";
import type { ResolvedTarget } from "./targets.ts";

/** Keeps a whole run, all its targets and levels, within what it may cost. */
export interface CostGuard {
  /** What is left, for the next run to these targets. */
  budgetFor(targets: readonly ResolvedTarget[]): Budget;
  /** What was spent so far. */
  spentUsd(): number;
}

export interface CostGuardOptions {
  readonly settings: ResolvedSettings;
  readonly load: PlannedLoad;
  readonly prompt: Prompt;
  readonly targets: readonly ResolvedTarget[];
  readonly priceBook: PriceBook;
  readonly io: Io;
}

/** A guard for `--max-cost`; null where there is no such limit. Throws `INVALID_ARGUMENT` where a price is not known: what cannot be priced cannot be limited. */
export function createCostGuard({ settings, load, prompt, targets, priceBook, io }: CostGuardOptions): CostGuard | null {
  if (settings.maxCost === undefined) return null;
  const maxCost = partOf(settings.maxCost, load);
  const reserves = mostCosts({ settings, prompt, targets, priceBook, io, option: "--max-cost" });
  let spentUsd = 0;
  return {
    budgetFor(asked) {
      const reserveUsd = Math.max(...asked.map(({ label }) => reserves.get(label) ?? 0));
      const costOf = (record: RequestRecord): number | null => {
        const costUsd = wasTurnedAway(record) ? 0 : (priceBook.price(record)?.totalUsd ?? null);
        spentUsd += costUsd ?? reserveUsd;
        return costUsd;
      };
      return { maxCostUsd: Math.max(0, maxCost - spentUsd), reserveUsd, costOf };
    },
    spentUsd: () => spentUsd,
  };
}

/** What limits what may be spent. */
interface LimitOptions extends Pick<CostGuardOptions, "settings" | "prompt" | "targets" | "priceBook" | "io"> {
  /** The flag that does, for messages. */
  readonly option: string;
}

/** What one request to each target costs at most, by its label. Throws `INVALID_ARGUMENT` where a price is not known. */
export function mostCosts({ settings, prompt, targets, priceBook, io, option }: LimitOptions): ReadonlyMap<string, number> {
  const unknown = { cacheReadTokens: null, cacheWriteTokens: null, reasoningTokens: null, raw: null };
  const usage = { ...unknown, inputTokens: mostTokens(prompt), outputTokens: prompt.maxTokens ?? settings.maxTokens ?? 0 };
  return new Map(
    targets.map((target) => {
      const query = { provider: target.adapter.id, modelId: target.model, atMs: io.clock.epochMs() };
      const cost = priceBook.estimate(query, usage);
      if (cost === null)
        throw new LensError(
          "INVALID_ARGUMENT",
          `Expected a known price for \`${target.label.slice(0, 60)}\` with \`${option}\`. Give one under \`prices\` in a configuration file.`,
        );
      return [target.label, cost.totalUsd];
    }),
  );
}

/** What falls to this process of what is for all shards of a run. */
function partOf(whole: number, { planAt }: PlannedLoad): number {
  return whole / (planAt().shard?.of ?? 1);
}

/** A request that never reached the server, or was refused before its answer began, costs nothing. */
export function wasTurnedAway(record: RequestRecord): boolean {
  const attempt = lastAttempt(record);
  const refused = attempt === null || attempt.sentNs === null || (attempt.status ?? 0) >= 400;
  return record.outcome.kind === "error" && record.arrivals.atNs.length === 0 && refused;
}

/** Says what the run will cost at most, and asks where somebody is there to answer. False where the answer is no. */
export async function confirmCost(guard: CostGuard, { settings, load, targets, io }: CostGuardOptions): Promise<boolean> {
  const { yes, quiet } = settings;
  const maxCost = partOf(settings.maxCost ?? 0, load);
  const all = (load.levels ?? [undefined]).reduce<number>((sum, level) => sum + countRequests(load, level), 0);
  const requests = Math.ceil(partOf(all, load));
  const costUsd = targets.reduce((sum, target) => sum + requests * guard.budgetFor([target]).reserveUsd, 0);
  const estimate = Number.isFinite(costUsd)
    ? `${formatCount(requests * targets.length)} requests cost at most ${formatUsd(costUsd)}.`
    : "How many requests there will be, and what they cost, is not known.";
  const limit = costUsd <= maxCost ? "" : ` The run stops before it costs more than ${formatUsd(maxCost)}.`;
  if (!quiet) await io.stderr.write(`${estimate}${limit}\n`);
  return yes || (await io.confirm("Send them?")) !== false;
}

/** How many requests a run sends to each target, warm-up and drain included; Infinity where time decides, or a search. */
function countRequests({ search, planAt }: PlannedLoad, level: number | undefined): number {
  const { load, requests = null, warmup = null, drain = null } = planAt(level);
  if (search !== null) return Infinity;
  if (requests === null) return load.mode === "open" && load.arrivals.process === "timestamps" ? load.arrivals.atNs.length : Infinity;
  return [warmup, drain].reduce((sum, span) => sum + (span === null ? 0 : "requests" in span ? span.requests : Infinity), requests);
}
