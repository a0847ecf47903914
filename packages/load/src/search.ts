import { LensError } from "@lens/core";
import { DEFAULT_CONFIDENCE, type PriceBook, type Slo, type Threshold } from "@lens/metrics";
import type { Span } from "./plan.ts";
import { type LoadKind, type Probe, probeLevel, type ProbeOptions, type ProbeSummary } from "./probe.ts";

/** A search for the highest load at which a server meets its objectives. */
export interface SearchOptions {
  /** All of which must hold; at least one. */
  readonly slo: readonly Threshold[];
  readonly kind: LoadKind;
  /** The lowest level to try, above 0, and the highest. */
  readonly min: number;
  readonly max: number;
  /** What it rejects with ends the search. */
  readonly probe: Probe;
  /** How far the bounds may lie apart in the end, as a share of the lower one; 0.05 unless given. A concurrency is not searched finer than 1. */
  readonly resolution?: number;
  /** Of the intervals that decide; 0.95 unless given. */
  readonly confidence?: number;
  /** How much a probe measures at first; as many requests as the objectives need unless given. It is more where answers take long. */
  readonly span?: Span;
  /** How often a probe that decides nothing is made anew, each time three times as long; 2 unless given. */
  readonly extensions?: number;
  /** For objectives on cost. */
  readonly priceBook?: PriceBook | null;
  /** For objectives on goodput. */
  readonly goodRequest?: Slo | null;
  /** Told of each level as it is decided. */
  readonly onProbe?: (probe: ProbeSummary) => void | Promise<void>;
  /** Ends the search, with what is known by then. */
  readonly signal?: AbortSignal;
}

/**
 * How a search ended. `found`: between its bounds. `not-found`: met even at the highest level. `not-met`: missed even at the lowest. `undecided`: at some
 * level the objectives could not be judged, which no other level would change.
 */
export type SearchStatus = "found" | "not-found" | "not-met" | "undecided" | "interrupted";

/** What a search came to. Plain JSON. */
export interface SearchResult {
  readonly status: SearchStatus;
  readonly kind: LoadKind;
  readonly slo: readonly Threshold[];
  /** The highest load at which the objectives were met: the answer. Null where there is none. */
  readonly highestMet: number | null;
  /** The lowest load at which they were missed. */
  readonly lowestMissed: number | null;
  /** In the order in which they were made. */
  readonly probes: readonly ProbeSummary[];
  /** The answer in words. */
  readonly verdict: string;
}

/** A probe, and the load for which it speaks. */
interface Bound {
  readonly probe: ProbeSummary;
  readonly load: number;
}

/** What is known so far. */
interface Bracket {
  readonly met: Bound | null;
  readonly missed: Bound | null;
}

const DEFAULT_RESOLUTION = 0.05;
const FINEST_RESOLUTION = 0.001;
const DEFAULT_EXTENSIONS = 2;
const LEAST_REQUESTS = 200;
const MOST_REQUESTS = 10_000;
/** What a percentile needs to be given without a caution mark. */
const SAMPLES_BEYOND = 10;
/** Of so many times 1 / share requests, none having failed, the interval ends below the share (3.7 at 95 %). */
const SHARES = 4;
const RATE_DIGITS = 5;

/** How many requests an objective needs to be decided where the level is far from the limit. */
function requestsFor({ statistic, unit, limit }: Threshold): number {
  if (typeof statistic === "number") return (SAMPLES_BEYOND * 100) / Math.min(statistic, 100 - statistic);
  return unit === "share" && limit > 0 && limit < 1 ? SHARES / Math.min(limit, 1 - limit) : LEAST_REQUESTS;
}

function firstSpan(slo: readonly Threshold[]): Span {
  return { requests: Math.ceil(Math.min(MOST_REQUESTS, Math.max(LEAST_REQUESTS, ...slo.map(requestsFor)))) };
}

function check({ slo, kind, min, max, resolution = DEFAULT_RESOLUTION, extensions = DEFAULT_EXTENSIONS }: SearchOptions): void {
  const refuse = (expected: string, got: unknown): never => {
    throw new LensError("INVALID_ARGUMENT", `Expected ${expected}, got \`${String(got)}\`.`);
  };
  if (slo.length === 0) refuse("at least one objective such as `ttft p95 < 500ms`", "none");
  if (!(min > 0) || !Number.isFinite(max)) refuse("a lowest level above 0 and a highest one to search between", `${min}..${max}`);
  if (max < min) refuse("the highest level not to be below the lowest", `${min}..${max}`);
  if (kind === "concurrency" && !(Number.isSafeInteger(min) && Number.isSafeInteger(max)))
    refuse("whole numbers for concurrency", `${min}..${max}`);
  if (!(resolution >= FINEST_RESOLUTION && resolution < 1)) refuse("a resolution from 0.001 to below 1", resolution);
  if (!Number.isSafeInteger(extensions) || extensions < 0) refuse("a whole number of extensions from 0 up", extensions);
}

/** The level to try next, `lowest` to begin with; null where none would tell more. */
function nextLevel({ met, missed }: Bracket, lowest: number, { kind, max, resolution = DEFAULT_RESOLUTION }: SearchOptions): number | null {
  if (met === null) return missed === null ? lowest : null;
  if (missed === null) return met.probe.level < max ? Math.min(max, met.probe.level * 2) : null;
  const low = met.load;
  const high = missed.load;
  if (kind === "concurrency") return high - low <= Math.max(1, resolution * low) ? null : Math.floor((low + high) / 2);
  return high <= low * (1 + resolution) ? null : Number(Math.sqrt(low * high).toPrecision(RATE_DIGITS));
}

/** Takes in a probe. It speaks for the load that there was, unless that lies beyond what other probes have shown: then for the one that was asked for. */
function narrow({ met, missed }: Bracket, probe: ProbeSummary): Bracket {
  const isInside = probe.load > (met?.load ?? 0) && probe.load < (missed?.load ?? Infinity);
  const bound = { probe, load: isInside ? probe.load : probe.level };
  return probe.met === true ? { met: bound, missed } : { met, missed: bound };
}

function statusOf({ met, missed }: Bracket): SearchStatus {
  if (met === null) return "not-met";
  return missed === null ? "not-found" : "found";
}

const formatLevel = (level: number, kind: LoadKind): string =>
  kind === "rate" ? `${Number(level.toPrecision(3))} requests/s` : `${level} ${level === 1 ? "request" : "requests"} at once`;

function doubts({ met, missed }: Bracket): string {
  const near = [met, missed].filter((bound) => bound !== null && !bound.probe.certain).length;
  if (near === 0) return "";
  return ` ${near === 1 ? "One of the two levels lies" : "Both levels lie"} so near to the limit that the figures decided, not their intervals.`;
}

/** What could not be judged at a level, and why. */
const reasonsOf = (probe: ProbeSummary | undefined): string =>
  (probe?.results ?? []).flatMap(({ met, reason }) => (met === null ? [reason] : [])).join("; ");

function verdictOf(
  status: SearchStatus,
  bracket: Bracket,
  { slo, kind, min, max, last }: SearchOptions & { readonly last: ProbeSummary | undefined },
): string {
  const objectives = slo.map(({ text }) => `\`${text}\``).join(" and ");
  const { met, missed } = bracket;
  const so = met === null ? "" : ` It holds at ${formatLevel(met.load, kind)}.`;
  switch (status) {
    case "found":
      return `${objectives} holds up to ${formatLevel(met?.load ?? min, kind)}, and at ${formatLevel(missed?.load ?? max, kind)} no more.${doubts(bracket)}`;
    case "not-found":
      return `${objectives} holds even at ${formatLevel(max, kind)}: its limit was not found up to there.`;
    case "not-met":
      return `${objectives} does not hold even at ${formatLevel(min, kind)}.`;
    case "undecided":
      return `${objectives} could not be judged at ${formatLevel(last?.level ?? max, kind)}: ${reasonsOf(last)}.${so}`;
    case "interrupted":
      return `The search for ${objectives} was interrupted.${so}${missed === null ? "" : ` It does not at ${formatLevel(missed.load, kind)}.`}`;
  }
}

/**
 * Finds the highest load at which all objectives are met: doubles from `min` until they are missed, then halves the distance (for rates, that of their
 * logarithms). A level is missed when the interval of a figure lies beyond its limit or the queue grows, and met when all intervals lie within and the
 * queue is steady. When it is neither, it is probed for longer, and in the end the figures themselves decide, and it is marked as uncertain.
 * Takes for granted that more load is never faster.
 */
export async function searchHighestLoad(options: SearchOptions): Promise<SearchResult> {
  check(options);
  const { slo, confidence = DEFAULT_CONFIDENCE, extensions = DEFAULT_EXTENSIONS, priceBook = null, goodRequest = null } = options;
  const { kind, probe, onProbe, signal, span = firstSpan(slo) } = options;
  const probing: ProbeOptions = { slo, kind, probe, confidence, span, extensions, priceBook, goodRequest, signal };
  const probes: ProbeSummary[] = [];
  let bracket: Bracket = { met: null, missed: null };
  let lowest = options.min;

  /** Whether a higher level may be judged where this one could not: in the same time more requests are answered there. */
  const moreComeAt = (level: number): boolean =>
    "durationNs" in span && bracket.met === null && bracket.missed === null && level < options.max;

  async function search(): Promise<SearchStatus> {
    for (let level = nextLevel(bracket, lowest, options); level !== null; level = nextLevel(bracket, lowest, options)) {
      if (signal?.aborted === true) return "interrupted";
      const found = await probeLevel(probing, level, bracket.met?.probe.flow.meanE2eNs ?? null);
      if (found === null) return "interrupted";
      probes.push(found);
      await onProbe?.(found);
      if (found.met !== null) bracket = narrow(bracket, found);
      else if (moreComeAt(level)) lowest = Math.min(options.max, level * 2);
      else return "undecided";
    }
    return statusOf(bracket);
  }

  const status = await search();
  const { met, missed } = bracket;
  const verdict = verdictOf(status, bracket, { ...options, last: probes.at(-1) });
  return { status, kind, slo, highestMet: met?.load ?? null, lowestMissed: missed?.load ?? null, probes, verdict };
}
