import { decodeFromCompressedBase64, HistogramLogReader, listTags } from "hdr-histogram-js";
import type { Distribution, MetricName, Report } from "@lens/metrics";
import { describe, expect, test } from "vitest";
import { hgrmExporter, hlogExporter, type TextPart } from "../src/index.ts";
import { groupDurations } from "../src/group-durations.ts";
import { FORTY, HARMFUL, REPORTS as SMALL } from "./hard-reports.ts";
import { MILLION } from "./million.ts";
import { ALL_FAILED, CLOSED_LOOP, EMPTY, HOSTILE, OPEN_LOOP } from "./reports.ts";

const REPORTS: Readonly<Record<string, Report>> = { ...SMALL, million: MILLION };
const NAMED = Object.entries(REPORTS);

const durationsOf = ({ groups }: Report): readonly (readonly [MetricName, Distribution])[] => groups.flatMap(groupDurations);

/** All intervals of a log, as the library reads them. */
function readLog(text: string) {
  const reader = new HistogramLogReader(text, 64);
  const intervals = [];
  for (let next = reader.nextIntervalHistogram(); next !== null; next = reader.nextIntervalHistogram()) intervals.push(next);
  return intervals;
}

describe("a log of histograms", () => {
  test.each(["closed-loop", "open-loop", "all-failed", "empty", "harmful"])(
    "of a run that is %s is as in its golden file",
    async (name) => {
      await expect(hlogExporter.render(REPORTS[name] ?? EMPTY)).toMatchFileSnapshot(`golden/${name}.hlog`);
    },
  );

  test.each(NAMED)("of a run that is %s holds every sample of every duration of every target", (_name, report) => {
    const text = hlogExporter.render(report);
    const counts = new Map<string, number>();
    for (const { tag, totalCount } of readLog(text)) counts.set(tag, (counts.get(tag) ?? 0) + totalCount);
    expect(listTags(text)).toHaveLength(counts.size);
    const ascending = (numbers: Iterable<number>): readonly number[] => [...numbers].toSorted((left, right) => left - right);
    expect(ascending(counts.values())).toEqual(ascending(durationsOf(report).map(([, { count }]) => count)));
  });

  test("has an interval for each bin of the run, in order of time, from its start", () => {
    const [group] = CLOSED_LOOP.groups;
    const ttft = readLog(hlogExporter.render(CLOSED_LOOP)).filter(({ tag }) => tag === "openai:gpt-6-sol/ttft");
    const bins = group?.series?.bins.filter((bin) => bin.ttft.count > 0) ?? [];
    expect(ttft.map(({ totalCount }) => totalCount)).toEqual(bins.map((bin) => bin.ttft.count));
    expect(ttft.map(({ startTimeStampMsec }) => startTimeStampMsec)).toEqual(
      bins.map(({ index }) => (group?.series?.originMs ?? 0) + (index * (group?.series?.binNs ?? 0)) / 1e6),
    );
    const starts = readLog(hlogExporter.render(OPEN_LOOP)).map(({ startTimeStampMsec }) => startTimeStampMsec);
    expect(starts).toEqual(starts.toSorted((left, right) => left - right));
  });

  test("has one interval for the run where no series is kept", () => {
    const ttfo = readLog(hlogExporter.render(CLOSED_LOOP)).filter(({ tag }) => tag === "openai:gpt-6-sol/ttfo");
    const [group] = CLOSED_LOOP.groups;
    expect(ttfo).toHaveLength(1);
    expect(ttfo[0]?.getValueAtPercentile(50)).toBe(group?.ttfo.p50Ns);
    expect((ttfo[0]?.endTimeStampMsec ?? 0) - (ttfo[0]?.startTimeStampMsec ?? 0)).toBe(42_000);
  });

  test("has tags that neither a comma nor white space ends, and that stay apart", () => {
    const tags = listTags(hlogExporter.render(HARMFUL));
    expect(tags).toContain('quote%20"%20comma%20%2C%20line%0Abreak/ttft');
    expect(new Set(tags).size).toBe(durationsOf(HARMFUL).length);
    for (const tag of listTags(hlogExporter.render(HOSTILE))) expect(tag).toMatch(/^[^\s,\p{C}]+$/u);
    expect(readLog(hlogExporter.render(EMPTY))).toEqual([]);
  });
});

/** The points that a plotter draws: 1/(1-percentile) and milliseconds. It reads rows of four numbers, and no others. */
function pointsOf({ text }: TextPart): readonly (readonly [number, number])[] {
  return text.split("\n").flatMap((line) => {
    const [value, , , inverse, ...more] = line.trim().split(/ +/).map(Number.parseFloat);
    return line.startsWith("#") || value === undefined || inverse === undefined || Number.isNaN(inverse) || more.length > 0
      ? []
      : [[inverse, value] as const];
  });
}

describe("percentile distributions", () => {
  test.each(["closed-loop", "all-failed", "empty", "harmful"])("of a run that is %s are as in the golden file", async (name) => {
    await expect(hgrmExporter.render(REPORTS[name] ?? EMPTY)).toMatchFileSnapshot(`golden/${name}.hgrm`);
  });

  test.each(NAMED)("of a run that is %s come one a file, as a plotter wants them, and together as one text", (_name, report) => {
    const parts = hgrmExporter.parts?.(report) ?? [];
    expect(parts.map(({ names }) => names)).toEqual(
      report.groups.flatMap((group) => groupDurations(group).map(([metric]) => [group.target.label, metric])),
    );
    expect(parts.map(({ text }) => text).join("\n") === hgrmExporter.render(report)).toBe(true);
    for (const { text } of parts) expect(text.slice(text.indexOf("\n"))).not.toMatch(/NaN|undefined/);
  });

  test.each(["closed-loop", "open-loop", "single", "million"])(
    "of a run that is %s have the rows that the library itself writes",
    (name) => {
      const report = REPORTS[name] ?? EMPTY;
      const parts = hgrmExporter.parts?.(report) ?? [];
      durationsOf(report).forEach(([, { hdr, maxNs }], index) => {
        const written = decodeFromCompressedBase64(hdr, 64, false).outputPercentileDistribution(5, 1e6);
        const highest = ((maxNs ?? 0) / 1e6).toFixed(3);
        // The library takes the end of the last bucket for the maximum.
        const expected = written.replaceAll(/^ *[\d.]+/gm, (value) =>
          (Number(value) > Number(highest) ? highest : value.trim()).padStart(12),
        );
        const rows = (text: string): string => text.replaceAll(/^#.*\n/gm, "");
        expect(rows(parts[index]?.text ?? "")).toBe(rows(expected));
      });
    },
  );

  test("are what the report says at each percentile", () => {
    const [group] = CLOSED_LOOP.groups;
    const part = hgrmExporter.parts?.(CLOSED_LOOP).find(({ names }) => names[1] === "ttft") ?? { names: [], text: "" };
    const points = pointsOf(part);
    expect(points[0]?.[0]).toBe(1);
    expect(points.find(([inverse]) => inverse === 2)?.[1]).toBeCloseTo((group?.ttft.p50Ns ?? 0) / 1e6, 3);
    expect(points.find(([inverse]) => inverse === 10)?.[1]).toBeCloseTo((group?.ttft.p90Ns ?? 0) / 1e6, 3);
    const values = points.map(([, value]) => value);
    expect(values).toEqual(values.toSorted((left, right) => left - right));
    expect(part.text).toMatch(/Total count\s+=\s+397\]/);
  });

  test("do not let a name break out of its comment", () => {
    for (const { text } of hgrmExporter.parts?.(HOSTILE) ?? []) expect(/^#\[.*in milliseconds\]\n +Value/.test(text)).toBe(true);
    expect(hgrmExporter.render(ALL_FAILED)).toBe("");
    expect(hgrmExporter.parts?.(FORTY)).toHaveLength(40 * 6);
  });
});
