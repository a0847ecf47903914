import { LensError } from "@lens/core";
import { distribution, interval, maybe } from "./distribution-shape.ts";
import { group, kind } from "./group-shape.ts";
import type { ResourceSummary, SearchSummary, SweepSummary } from "./load-summary.ts";
import type { InstrumentSummary, Report, RunManifest } from "./report.ts";
import { count, finite, flag, list, nullable, object, oneOf, table, text } from "./shape.ts";
import type { ThresholdStatistic } from "./threshold.ts";
import { THRESHOLD_METRIC_NAMES } from "./threshold-metric.ts";
import type { ThresholdOutcome } from "./threshold-outcome.ts";

/** See `RunManifest`. */
export const manifest = object<RunManifest>({
  startedAtMs: finite,
  durationNs: count,
  mode: oneOf(["single", "closed", "open", "unknown"]),
  command: nullable(text),
  seed: nullable(finite),
  options: table(option),
  versions: table(text),
  machine: nullable(object({ platform: text, arch: text, cpu: text, cores: count })),
  interrupted: flag,
  shards: nullable(object({ of: count, numbers: list(count) })),
});

function option(value: unknown, path: string): string | number | boolean | null {
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  return text(value, path);
}

const sweep = object<SweepSummary>({ label: text, kind, knee: maybe, endedEarly: flag });

const search = object<SearchSummary>({
  label: text,
  kind,
  thresholds: list(text),
  status: oneOf(["found", "not-found", "not-met", "undecided", "interrupted"]),
  highestMet: maybe,
  lowestMissed: maybe,
  verdict: text,
  probes: list(object({ level: finite, met: nullable(flag), certain: flag, growing: flag, reasons: list(text) })),
});

/** See `ThresholdStatistic`. */
export function statistic(value: unknown, path: string): ThresholdStatistic {
  return typeof value === "number" ? finite(value, path) : oneOf(["min", "mean", "max"])(value, path);
}

/** See `ThresholdUnit`. */
export const unit = oneOf(["ns", "per second", "share", "USD", "tokens", "requests"]);

const threshold = object<ThresholdOutcome>({
  text,
  label: text,
  metric: oneOf(THRESHOLD_METRIC_NAMES),
  statistic: nullable(statistic),
  operator: oneOf(["<", "<=", ">", ">="]),
  limit: maybe,
  unit,
  met: nullable(flag),
  certain: flag,
  value: maybe,
  interval: nullable(interval),
  reason: text,
  reference: nullable(object({ name: text, allowed: finite, value: maybe, change: maybe })),
});

const resources = object<ResourceSummary>({
  threads: count,
  utilization: object({ mean: finite, max: finite }),
  gc: object({ count, totalNs: finite, maxNs: finite }),
  cpuNs: finite,
  cpuScope: oneOf(["thread", "process"]),
  rss: object({ startBytes: finite, maxBytes: finite, endBytes: finite }),
});

/** See `InstrumentSummary`. */
export const instrument = object<InstrumentSummary>({
  lateness: distribution,
  taintedShare: maybe,
  compared: count,
  state: oneOf(["fine", "client-limited", "unknown"]),
  verdict: text,
  resources: nullable(resources),
});

/** Who made a document. */
export const tool = object({ name: text, version: text });

/** See `Report.definitions`. */
export const definitions = table(object({ definition: text, unit: oneOf(["ns", "per second", "tokens", "USD", "requests"]) }));

const report = object<Report>({
  schema: oneOf([1]),
  tool,
  run: manifest,
  definitions,
  groups: list(group),
  sweeps: list(sweep),
  searches: list(search),
  thresholds: list(threshold),
  instrument,
  notes: list(text),
});

/** What came in place of a report, where that can be told. */
function stranger(value: unknown): string | null {
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "object" || value === null) return "something that is no object";
  if ("attempts" in value && "arrivals" in value) return "the record of one request";
  if ("kind" in value && value.kind === "comparison") return "a comparison";
  if (!("schema" in value) || !("groups" in value)) return "an object of another kind";
  if (value.schema !== 1) return `one of schema ${JSON.stringify(value.schema)?.slice(0, 20)}, which another version of the tool wrote`;
  return null;
}

/**
 * Narrows what may be a report, such as a saved one after `JSON.parse`. Fields that are not known are left out. Throws `INVALID_REPORT`, naming the
 * field or what came instead. The histograms inside are looked at only when they are used.
 */
export function toReport(value: unknown): Report {
  const instead = stranger(value);
  if (instead !== null) throw new LensError("INVALID_REPORT", `Expected a report of schema 1, got ${instead}.`);
  return report(value, "");
}

/** Reads a report that was saved as JSON. Throws `INVALID_REPORT` as `toReport` does, and for text that is no JSON or was cut off. */
export function parseReport(json: string): Report {
  return toReport(readJson(json));
}

/** What a text is as JSON. Throws `INVALID_REPORT`, saying what came instead. */
export function readJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new LensError("INVALID_REPORT", `Expected a report as JSON, got ${brokenText(json)}.`, { cause });
  }
}

function brokenText(json: string): string {
  const start = json.trimStart();
  if (start === "") return "nothing";
  if (!start.startsWith("{")) return "a text that is no JSON";
  const firstLine = start.slice(0, start.indexOf("\n") + 1);
  if (firstLine.trimEnd().endsWith("}")) return "several lines of JSON, such as the records of requests";
  return start.trimEnd().endsWith("}") ? "JSON with a mistake in it" : "JSON that was cut off";
}
