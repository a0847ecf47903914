import { describe, expect, test } from "vitest";
import { createGroup, createHistogram, fromDistribution, type SeriesSummary, toDistribution } from "../src/index.ts";
import { arrivals, failed, record, STARTED_AT_MS } from "./records.ts";

const MS = 1_000_000;
const TARGET = record().target;

interface Run {
  readonly binNs?: number;
  /** When requests start, in milliseconds after the first. */
  readonly atMs: readonly number[];
}

function seriesOf(records: readonly ReturnType<typeof record>[], binNs: number | null = null): SeriesSummary {
  const group = createGroup({ target: TARGET, priceBook: null, window: null, binNs });
  for (const each of records) group.add(each);
  const { series } = group.summary();
  if (series === null) throw new Error("no series");
  return series;
}

const run = ({ atMs, binNs }: Run): SeriesSummary =>
  seriesOf(
    atMs.map((ms) => record({ startedAtMs: STARTED_AT_MS + ms })),
    binNs ?? null,
  );

const sent = ({ bins }: SeriesSummary): readonly (readonly [number, number])[] => bins.map((bin) => [bin.index, bin.sent]);

describe("a series", () => {
  test("begins with bins of an eighth of a second and leaves out those without requests", () => {
    const series = run({ atMs: [0, 124, 125, 999, 1000] });
    expect(series).toMatchObject({ binNs: 125 * MS, originMs: STARTED_AT_MS });
    expect(sent(series)).toEqual([
      [0, 2],
      [1, 1],
      [7, 1],
      [8, 1],
    ]);
  });

  test("joins bins in pairs rather than to have more than 64", () => {
    const eightSeconds = run({ atMs: [0, 7999] });
    expect(eightSeconds.binNs).toBe(125 * MS);
    const more = run({ atMs: [0, 130, 8000] });
    expect(more.binNs).toBe(250 * MS);
    expect(sent(more)).toEqual([
      [0, 2],
      [32, 1],
    ]);
  });

  test("holds any span in 64 bins, whatever comes first", () => {
    const minutes = Array.from({ length: 7200 }, (_, second) => second * 1000);
    const forward = run({ atMs: minutes });
    expect(forward.bins.length).toBeLessThanOrEqual(64);
    expect(forward.bins.reduce((sum, bin) => sum + bin.sent, 0)).toBe(7200);
    expect(run({ atMs: minutes.toReversed() })).toEqual(forward);
    expect(run({ atMs: [-STARTED_AT_MS, 0] }).bins.map((bin) => bin.sent)).toEqual([1, 1]);
  });

  test("keeps the width that was chosen, up to 1,024 bins", () => {
    expect(run({ atMs: [0, 1023_999], binNs: 1000 * MS }).binNs).toBe(1000 * MS);
    expect(run({ atMs: [0, 1024_000], binNs: 1000 * MS }).binNs).toBe(2000 * MS);
  });

  test("puts the bins of all groups on the same line of time", () => {
    const early = run({ atMs: [60, 400] });
    const late = run({ atMs: [130, 400] });
    expect([early.originMs, late.originMs]).toEqual([STARTED_AT_MS, STARTED_AT_MS + 125]);
    expect(late.originMs + (late.bins[1]?.index ?? 0) * 125).toBe(early.originMs + (early.bins[1]?.index ?? 0) * 125);
  });

  test("says how the requests of a bin ended and what they took", () => {
    const series = seriesOf([
      record({ queuedNs: 5 * MS }),
      failed("RATE_LIMITED", { queuedNs: 0 }),
      failed("RATE_LIMITED", { queuedNs: 0 }),
      failed("SERVER_ERROR", { queuedNs: 0 }),
    ]);
    expect(series.bins).toMatchObject([
      {
        index: 0,
        sent: 4,
        answered: 1,
        failed: 3,
        errors: { RATE_LIMITED: 2, SERVER_ERROR: 1 },
        outputTokens: 5,
        goodput: null,
        ttft: { count: 1, meanNs: 200 * MS, intervalsNs: {} },
        chunkGap: { count: 4, meanNs: 20 * MS },
        tpot: { count: 1, meanNs: 20 * MS },
        e2e: { count: 1, meanNs: 290 * MS },
        responseTtft: { count: 1, meanNs: 215 * MS },
      },
    ]);
  });

  test("holds nothing of warm-up, has no response times without a schedule, and is null without requests", () => {
    const series = seriesOf([record(), record({ phase: "warmup" }), record({ usage: null, usageSource: "none" })]);
    expect(series.bins).toMatchObject([{ sent: 2, outputTokens: 5, responseTtft: null }]);
    const group = createGroup({ target: TARGET, priceBook: null, window: null });
    group.add(record({ phase: "warmup" }));
    expect(group.summary().series).toBeNull();
    expect(seriesOf([failed("SERVER_ERROR")]).bins).toMatchObject([{ answered: 0, outputTokens: null, ttft: { count: 0 } }]);
  });

  test("is the group, cut into pieces: joined again, bins give the histogram of the whole", () => {
    const group = createGroup({ target: TARGET, priceBook: null, window: null });
    for (let index = 0; index < 300; index += 1) {
      const firstMs = 200 + ((index * 37) % 101);
      group.add(record({ startedAtMs: STARTED_AT_MS + index * 90, arrivals: arrivals([firstMs, "text"], [firstMs + 7, "text"]) }));
    }
    const { series, ttft, chunkGap } = group.summary();
    for (const [name, whole] of [["ttft", ttft] as const, ["chunkGap", chunkGap] as const]) {
      const joined = createHistogram();
      for (const bin of series?.bins ?? []) joined.merge(fromDistribution(bin[name]));
      expect(toDistribution(joined)).toMatchObject({ count: whole.count, minNs: whole.minNs, maxNs: whole.maxNs, hdr: whole.hdr });
    }
  });
});
