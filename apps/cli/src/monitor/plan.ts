import { LensError, parseDurationNs, type Target } from "@lens/core";
import type { PriceBook } from "@lens/metrics";
import { chooseTargets } from "../choose-targets.ts";
import { resolveConfiguration, type ResolvedSettings } from "../config.ts";
import { mostCosts } from "../cost-guard.ts";
import { MONITOR_DEFAULTS } from "../defaults.ts";
import { readTextFile } from "../files.ts";
import type { Io } from "../io.ts";
import type { Flags } from "../option.ts";
import { openPriceBook } from "../price-book.ts";
import { type Prompt, readPrompt } from "../prompt.ts";
import { secretsOf } from "../secrets.ts";
import { openSession, type Session } from "../session.ts";
import type { ResolvedTarget } from "../targets.ts";
import { withKeyFiles } from "./key-files.ts";

/** A target that is probed. */
export interface MonitoredTarget {
  readonly target: ResolvedTarget;
  /** What a probe of it costs at most, in USD; 0 where nothing limits that. */
  readonly mostUsd: number;
}

/** All that a configuration says of a monitor; another may take its place while it runs. */
export interface MonitorPlan {
  readonly settings: ResolvedSettings;
  readonly session: Session;
  readonly prompt: Prompt;
  readonly probes: number;
  readonly intervalNs: number;
  readonly jitter: number;
  readonly priceBook: PriceBook;
  readonly monitored: readonly MonitoredTarget[];
  readonly maxCostPerDayUsd: number | null;
  /** What readers must bring; null where they need nothing. */
  readonly token: string | null;
  /** What must not be written anywhere. */
  readonly secrets: readonly string[];
  /** Whether the simulator is probed because nobody named a target. */
  readonly byDefault: boolean;
  readonly graceNs: number;
}

/** A target as metrics and reports name it. */
export function namedTarget({ label, model, adapter }: ResolvedTarget): Target {
  return { provider: adapter.id, model, label, origin: null };
}

/** Reads the configuration and makes its targets reachable. Throws what each of its parts throws for settings that make no sense, with nothing left open. */
export async function readPlan(flags: Flags, positionals: readonly string[], world: Io): Promise<MonitorPlan> {
  const { settings: given, sources } = await resolveConfiguration(flags, positionals, world);
  const settings: ResolvedSettings = { ...given, timeout: given.timeout ?? MONITOR_DEFAULTS.timeout };
  const io: Io = { ...world, env: await withKeyFiles(settings, world) };
  const { requests, byDefault } = chooseTargets(settings, "monitor", io);
  const prompt = await readPrompt(settings, io);
  const priceBook = await openPriceBook(requests, settings, io);
  const token = settings.tokenFile === undefined ? null : await readToken(settings.tokenFile, io);
  const maxCostPerDayUsd = settings.maxCostPerDay ?? null;
  if (maxCostPerDayUsd !== null && settings.maxTokens === undefined)
    throw new LensError(
      "INVALID_ARGUMENT",
      "Expected `--max-tokens` with `--max-cost-per-day`, to know what a request may cost, got none.",
    );
  const session = await openSession(requests, settings, io);
  try {
    const { targets } = session;
    const mostUsd =
      maxCostPerDayUsd === null ? null : mostCosts({ settings, prompt, targets, priceBook, io, option: "--max-cost-per-day" });
    return {
      settings,
      session,
      prompt,
      probes: settings.probes ?? MONITOR_DEFAULTS.probes,
      intervalNs: parseDurationNs(settings.interval ?? MONITOR_DEFAULTS.interval),
      jitter: settings.jitter ?? MONITOR_DEFAULTS.jitter,
      priceBook,
      monitored: targets.map((target) => ({ target, mostUsd: mostUsd?.get(target.label) ?? 0 })),
      maxCostPerDayUsd,
      token,
      secrets: [...targets.flatMap(({ credentials }) => secretsOf(credentials)), ...(token === null ? [] : [token])],
      byDefault,
      graceNs: parseDurationNs(sources.grace === "default" ? MONITOR_DEFAULTS.grace : settings.grace),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function readToken(path: string, io: Io): Promise<string> {
  const token = (await readTextFile(path, io.cwd)).trim();
  if (token === "") throw new LensError("INVALID_ARGUMENT", `Expected a token in \`${path}\`, got nothing.`);
  return token;
}
