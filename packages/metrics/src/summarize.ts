import type { RequestRecord } from "@lens/core";
import type { PriceBook } from "./cost.ts";
import { DEFINITIONS } from "./definitions.ts";
import { createGroup, type Group } from "./group.ts";
import { createInstrumentTally } from "./instrument.ts";
import type { LoadLevel, LoadSummary, ResourceSummary, SearchSummary, SweepSummary } from "./load-summary.ts";
import type { GroupSummary, KnownRun, Report, RunManifest } from "./report.ts";
import type { Slo } from "./slo.ts";
import type { TimeWindow } from "./time-window.ts";

/** How requests are summed up. */
export interface SummaryOptions {
  /** Prices the requests (`loadPriceBook`); none are priced without it. */
  readonly priceBook?: PriceBook;
  /** The wall time that throughput is of; from the first to the last start of measured requests unless given. */
  readonly window?: TimeWindow;
  /** What a good request is; no goodput is counted without it. */
  readonly slo?: Slo | null;
  /** The width of the bins of the series; it follows from the length of the run unless given. */
  readonly binNs?: number | null;
}

/** What a report says of its run, beside the requests. */
export interface ReportContext {
  readonly tool: Report["tool"];
  readonly run: KnownRun;
  /** Put before the notes that the figures themselves give rise to. */
  readonly notes?: readonly string[];
  /** How the requests of each group were sent, by its label. */
  readonly loads?: ReadonlyMap<string, GroupLoad>;
  readonly resources?: ResourceSummary | null;
  readonly sweeps?: readonly SweepSummary[];
  readonly searches?: readonly SearchSummary[];
}

/** How the requests of a group were sent. */
export interface GroupLoad {
  readonly level: LoadLevel | null;
  readonly load: LoadSummary;
}

/** A report in the making. */
export interface Summary {
  /** Takes in one request. Memory does not grow with their number. */
  add(record: RequestRecord): void;
  /** The report so far; more requests may follow. */
  report(context: ReportContext): Report;
}

const UNKNOWN_RUN: Omit<RunManifest, "startedAtMs" | "durationNs"> = {
  mode: "unknown",
  command: null,
  seed: null,
  options: {},
  versions: {},
  machine: null,
  interrupted: false,
  shards: null,
};

/** The whole manifest: null, or empty, for what is not known. */
export const completeRun = (known: KnownRun): RunManifest => ({ ...UNKNOWN_RUN, ...known });

const requests = (count: number): string => (count === 1 ? "1 request" : `${count} requests`);

/** What a reader should know before trusting a group's figures. */
export function notesOn({
  target,
  outcomes,
  tokens,
  cache,
  models,
  requests: measured,
  excluded,
  effectiveTokensPerSecond,
  drift,
}: GroupSummary): readonly string[] {
  const notes: string[] = [];
  const unreported = outcomes.ok + outcomes.truncated - effectiveTokensPerSecond.count;
  if (measured === 0 && excluded.warmup + excluded.drain > 0) notes.push("every request was warm-up or drain: there are no figures");
  if (unreported > 0)
    notes.push(
      `the provider reported no usage for ${requests(unreported)}: figures per token leave them out, and system tokens/s is not known`,
    );
  if (tokens.sources.estimated > 0) notes.push(`the token counts of ${requests(tokens.sources.estimated)} are estimates`);
  if (tokens.cachedRequests > 0)
    notes.push(`${requests(tokens.cachedRequests)} read a part of the prompt from the provider's cache, which shortens TTFT`);
  if (cache !== null && cache.cached.requests > 0 && cache.uncached.requests > 0)
    notes.push(
      `its latencies mix answers with and without a cached prompt, of which there are ${cache.cached.requests} and ${cache.uncached.requests}`,
    );
  const names = Object.keys(models);
  if (names.length > 1) notes.push(`${names.length} different models answered`);
  notes.push(...(drift?.findings ?? []));
  return notes.map((note) => `${target.label}: ${note}.`);
}

/** What a reader should know of a report that is of a part of a run. */
export function notesOnShards({ shards }: RunManifest): readonly string[] {
  if (shards === null || shards.numbers.length === shards.of) return [];
  const { of, numbers } = shards;
  if (numbers.length === 1) return [`This is shard ${numbers[0]} of ${of}: counts and rates are those of its part.`];
  const missing = Array.from({ length: of }, (_, index) => index + 1).filter((number) => !numbers.includes(number));
  return [`${missing.length} of ${of} shards are missing (${missing.join(", ")}): counts and rates are those of the others.`];
}

/** Starts a report; requests are added as they finish. */
export function createSummary(options: SummaryOptions = {}): Summary {
  const { priceBook = null, window = null, slo = null, binNs = null } = options;
  const groups = new Map<string, Group>();
  const instrument = createInstrumentTally();

  function groupOf(record: RequestRecord): Group {
    const { target } = record;
    const known = groups.get(target.label);
    if (known !== undefined) return known;
    const group = createGroup({ target, priceBook, window, slo, binNs });
    groups.set(target.label, group);
    return group;
  }

  return {
    add(record) {
      groupOf(record).add(record);
      instrument.add(record);
    },
    report({ tool, run: known, notes = [], loads, resources = null, sweeps = [], searches = [] }) {
      const run = completeRun(known);
      const summaries = [...groups].map(([label, group]) => ({ ...group.summary(), ...loads?.get(label) }));
      return {
        schema: 1,
        tool,
        run,
        definitions: DEFINITIONS,
        groups: summaries,
        sweeps,
        searches,
        thresholds: [],
        instrument: instrument.summary({ resources, cores: run.machine?.cores ?? null }),
        notes: [...notes, ...notesOnShards(run), ...summaries.flatMap(notesOn)],
      };
    },
  };
}

/** The report of records that are all there. */
export function summarize(records: Iterable<RequestRecord>, options: SummaryOptions & ReportContext): Report {
  const summary = createSummary(options);
  for (const record of records) summary.add(record);
  return summary.report(options);
}
