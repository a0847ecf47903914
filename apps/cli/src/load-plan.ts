import { LensError, parseDurationNs } from "@lens/core";
import { type Arrivals, type ClosedLoad, type LoadPlan, type OpenLoad, parseLevels, type Span } from "@lens/load";
import { type LoadLevel, parseThreshold, type Threshold } from "@lens/metrics";
import type { TraceSpec } from "@lens/workloads";
import type { Configuration, ResolvedSettings } from "./config.ts";
import { DEFAULT_SEED, HIGHEST_SEARCHED } from "./defaults.ts";
import { checkCombinations, isOpenLoop } from "./load-combinations.ts";
import { likelyTokens } from "./prompt-tokens.ts";
import type { Prompt } from "./prompt.ts";
import { parseStages } from "./stages.ts";
import { readTimestamps } from "./timestamps.ts";
import { isTraced, planTrace } from "./trace-plan.ts";

/** The highest load that is looked for. */
export interface SearchRange {
  readonly thresholds: readonly Threshold[];
  readonly min: number;
  readonly max: number;
  /** How much to measure at each level; null leaves it to the search. */
  readonly span: Span | null;
}

/** The load that the settings ask for. */
export interface PlannedLoad {
  readonly mode: "closed" | "open";
  readonly kind: LoadLevel["kind"];
  /** The levels of a sweep; null where there is one load only, or a search chooses. */
  readonly levels: readonly number[] | null;
  readonly search: SearchRange | null;
  /** Null where nothing is random. */
  readonly seed: number | null;
  /** What to send to each target, at one level; of a single load unless that is given. */
  planAt(level?: number): LoadPlan;
}

/**
 * Reads the load that the settings ask for. Throws `INVALID_ARGUMENT` for what makes no sense, alone or together, and `FILE_FAILED` for
 * timestamps or a trace that cannot be read.
 */
export async function planLoad(configuration: Configuration, prompt: Prompt, cwd: string): Promise<PlannedLoad> {
  const { settings } = configuration;
  checkCombinations(configuration);
  const open = isOpenLoop(settings);
  const kind = open ? "rate" : "concurrency";
  const written = readLevels(configuration, kind);
  const search = settings.search === undefined ? null : planSearch(configuration, kind, written);
  const due: DueTimes = {
    timestamps: settings.timestamps === undefined ? null : await readTimestamps(settings.timestamps, cwd),
    trace: (await planTrace(settings, cwd))?.spec ?? null,
  };
  const whole = planWhole(configuration, prompt);
  return {
    mode: open ? "open" : "closed",
    kind,
    levels: search === null && written.length > 1 ? written : null,
    search,
    seed: settings.arrivals === "poisson" || isGamma(settings) ? (settings.seed ?? DEFAULT_SEED) : null,
    planAt(level) {
      const load = open ? openLoad(settings, due, level ?? written[0] ?? 0) : closedLoad(configuration, level ?? written[0] ?? 0);
      return { ...whole, warmup: planWarmup(settings, whole.requests ?? null, load), load };
    },
  };
}

const isGamma = ({ arrivals, burstiness }: ResolvedSettings): boolean => arrivals === "gamma" || burstiness !== undefined;

const isGiven = ({ sources }: Configuration, kind: LoadLevel["kind"]): boolean =>
  sources[kind] !== undefined && sources[kind] !== "default";

/** The levels as they were asked for; none where timestamps or stages alone say what the load is. */
function readLevels(configuration: Configuration, kind: LoadLevel["kind"]): readonly number[] {
  const { stages, [kind]: value } = configuration.settings;
  if (value === undefined || (stages !== undefined && !isGiven(configuration, kind))) return [];
  if (typeof value === "string") return parseLevels(value, { name: `\`--${kind}\``, whole: kind === "concurrency" });
  if (value === 0 && stages === undefined)
    throw new LensError("INVALID_ARGUMENT", "Expected `--rate` to be above 0, save at the beginning of `--stages`, got `0`.");
  return [value];
}

/** A single level that was given is the highest one to try; a range gives both ends. */
function planSearch(configuration: Configuration, kind: LoadLevel["kind"], written: readonly number[]): SearchRange {
  const { search = [], duration, requests } = configuration.settings;
  const max = (isGiven(configuration, kind) ? written.at(-1) : undefined) ?? HIGHEST_SEARCHED;
  const min = Math.min(max, written.length > 1 ? (written[0] ?? 1) : 1);
  const counted = configuration.sources.requests === "default" ? null : { requests };
  return { thresholds: search.map(parseThreshold), min, max, span: duration === undefined ? counted : readSpan(duration) };
}

/** What holds at every level. */
function planWhole({ settings, sources }: Configuration, prompt: Prompt): Omit<LoadPlan, "load"> {
  const { duration, stages, timestamps, drain, rpm, tpm, maxTokens = 0, respectRetryAfter, seed = DEFAULT_SEED } = settings;
  // The default number of requests holds only where nothing else says how long the run is.
  const byOther = duration !== undefined || stages !== undefined || timestamps !== undefined || isTraced(settings);
  return {
    requests: byOther && sources.requests === "default" ? null : settings.requests,
    durationNs: duration === undefined ? null : parseDurationNs(duration),
    drain: drain === undefined ? null : readCount(drain),
    limits: {
      requestsPerMinute: rpm ?? null,
      tokensPerMinute: tpm ?? null,
      ...(tpm === undefined ? {} : { tokensPerRequest: likelyTokens(prompt) + maxTokens }),
    },
    respectRetryAfter,
    seed,
  };
}

/** A plain number counts requests. */
const readCount = (span: number | string): Span => (typeof span === "number" ? { requests: span } : readSpan(span));
const readSpan = (duration: number | string): Span => ({ durationNs: parseDurationNs(duration) });

/**
 * Unless said otherwise, a steady closed loop warms up with one request for each connection, since the first ones find cold connections and cold
 * code; but with no more than a tenth of the measured ones, since requests cost money. Other loads have no warm-up.
 */
function planWarmup({ warmup }: ResolvedSettings, requests: number | null, load: ClosedLoad | OpenLoad): Span | null {
  if (warmup !== undefined) return readCount(warmup);
  if (load.mode === "open" || load.stages !== undefined) return null;
  const { concurrency } = load;
  return { requests: requests === null ? concurrency : Math.min(concurrency, Math.floor(requests / 10)) };
}

function closedLoad({ settings }: Configuration, concurrency: number): ClosedLoad {
  const { thinkTime, stages } = settings;
  return {
    mode: "closed",
    concurrency,
    ...(thinkTime === undefined ? {} : { thinkTimeNs: parseDurationNs(thinkTime) }),
    ...(stages === undefined ? {} : { stages: parseStages(stages, { whole: true }) }),
  };
}

/** Due times that stand in a file. */
interface DueTimes {
  readonly timestamps: readonly number[] | null;
  readonly trace: TraceSpec | null;
}

function openLoad(settings: ResolvedSettings, due: DueTimes, ratePerSecond: number): OpenLoad {
  const { maxInFlight = null, thinkTime } = settings;
  return {
    mode: "open",
    arrivals: arrivalsOf(settings, due, ratePerSecond),
    maxInFlight,
    ...(thinkTime === undefined ? {} : { thinkTimeNs: parseDurationNs(thinkTime) }),
  };
}

function arrivalsOf(settings: ResolvedSettings, { timestamps, trace }: DueTimes, ratePerSecond: number): Arrivals {
  const { arrivals = "constant", burstiness, stages } = settings;
  if (timestamps !== null) return { process: "timestamps", atNs: timestamps };
  if (trace !== null) return { process: "trace", trace };
  const pace = { ratePerSecond, ...(stages === undefined ? {} : { stages: parseStages(stages, { whole: false }) }) };
  if (burstiness !== undefined) return { process: "gamma", burstiness, ...pace };
  return { process: arrivals === "poisson" ? "poisson" : "constant", ...pace };
}
