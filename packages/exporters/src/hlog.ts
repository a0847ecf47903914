import type { Distribution, GroupSummary, MetricName, SeriesBin } from "@lens/metrics";
import type { SyncExporter } from "./exporter.ts";
import { formatInstant } from "./format.ts";
import { groupDurations } from "./group-durations.ts";

/** One line: the samples of one duration of one target, of requests that started in some time. */
interface Interval {
  readonly tag: string;
  readonly fromMs: number;
  readonly lengthMs: number;
  readonly distribution: Distribution;
}

const NS_PER_MS = 1e6;

/** Of which durations a series keeps the histogram of each bin. */
const BINNED: Readonly<Partial<Record<MetricName, (bin: SeriesBin) => Distribution | null>>> = {
  ttft: ({ ttft }) => ttft,
  chunkGap: ({ chunkGap }) => chunkGap,
  tpot: ({ tpot }) => tpot,
  e2e: ({ e2e }) => e2e,
  "response.ttft": ({ responseTtft }) => responseTtft,
};

/** A comma or white space would end a tag; `%` is what stands for them, as in a URL. */
const UNFIT_FOR_TAG = /[\s,%\p{C}]/gu;

const percentEncoded = (character: string): string =>
  [...new TextEncoder().encode(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");

const tagOf = ({ target }: GroupSummary, metric: MetricName): string =>
  `${target.label.replaceAll(UNFIT_FOR_TAG, percentEncoded)}/${metric}`;

function intervalsOf(group: GroupSummary, run: Pick<Interval, "fromMs" | "lengthMs">): readonly Interval[] {
  const { series } = group;
  return groupDurations(group).flatMap(([metric, distribution]) => {
    const tag = tagOf(group, metric);
    const read = BINNED[metric];
    if (series === null || read === undefined) return [{ ...run, tag, distribution }];
    const lengthMs = series.binNs / NS_PER_MS;
    return series.bins.flatMap((bin) => {
      const binned = read(bin);
      return binned === null || binned.count === 0
        ? []
        : [{ tag, fromMs: series.originMs + bin.index * lengthMs, lengthMs, distribution: binned }];
    });
  });
}

const seconds = (durationMs: number): string => (durationMs / 1000).toFixed(3);

/** The histogram is that of the report as it is. */
function renderInterval({ tag, fromMs, lengthMs, distribution }: Interval, baseMs: number): string {
  const maxMs = (distribution.maxNs ?? 0) / NS_PER_MS;
  return `Tag=${tag},${seconds(fromMs - baseMs)},${seconds(lengthMs)},${maxMs.toFixed(3)},${distribution.hdr}`;
}

/**
 * HdrHistogram's log format (1.3): a line for each bin of the run over time, where a report keeps the histogram of each, and else one line for the whole run,
 * tagged `target/metric`. Values are nanoseconds; the maximum of an interval is in milliseconds.
 */
export const hlogExporter: SyncExporter = {
  id: "hlog",
  extension: "hlog",
  render({ groups, run }) {
    const whole = { fromMs: run.startedAtMs, lengthMs: run.durationNs / NS_PER_MS };
    const intervals = groups.flatMap((group) => intervalsOf(group, whole)).toSorted((left, right) => left.fromMs - right.fromMs);
    // The first bin begins before the run does; readers take a negative time for none.
    const baseMs = Math.min(run.startedAtMs, intervals[0]?.fromMs ?? Infinity);
    return [
      "#[Histogram log format version 1.3]",
      `#[StartTime: ${seconds(baseMs)} (seconds since epoch), ${formatInstant(baseMs)}]`,
      `#[BaseTime: ${seconds(baseMs)} (seconds since epoch)]`,
      "#[Tags are target/metric, values nanoseconds, Interval_Max milliseconds]",
      '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
      ...intervals.map((interval) => renderInterval(interval, baseMs)),
      "",
    ].join("\n");
  },
};
