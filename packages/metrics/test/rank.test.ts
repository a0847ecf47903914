import { describe, expect, test } from "vitest";
import { rankGroups, type Ranking } from "../src/index.ts";
import { groupOf } from "./compared-groups.ts";

const OPTIONS = { seed: 3, paired: true, resamples: 500 };

function placesOf({ metrics }: Ranking, wanted: string): readonly (readonly [string, number])[] {
  const ranking = metrics.find(({ metric, statistic }) => `${metric} ${statistic ?? ""}`.trim() === wanted);
  return (ranking?.places ?? []).map(({ target, place }) => [target.label, place]);
}

describe("a ranking", () => {
  const groups = [
    groupOf("slow", { requests: 400, seed: 1, medianMs: 300 }),
    groupOf("fast", { requests: 400, seed: 2 }),
    groupOf("as fast", { requests: 400, seed: 3, medianMs: 201 }),
    groupOf("slowest", { requests: 400, seed: 4, medianMs: 400, failEvery: 4 }),
  ];
  const ranking = rankGroups(groups, OPTIONS);

  test("puts each group behind those that are called faster, and ties where nothing is called", () => {
    const places = placesOf(ranking, "ttft 50");
    expect(new Map(places)).toEqual(
      new Map([
        ["fast", 1],
        ["as fast", 1],
        ["slow", 3],
        ["slowest", 4],
      ]),
    );
    expect(places.map(([label]) => label).slice(2)).toEqual(["slow", "slowest"]);
    expect(placesOf(ranking, "chunkGap 50").map(([, place]) => place)).toEqual([1, 1, 1, 1]);
  });

  test("says the values by which it ranks", () => {
    const [first] = ranking.metrics;
    expect(first).toMatchObject({ metric: "ttft", statistic: 50, unit: "ns" });
    expect(first?.places.at(-1)).toMatchObject({ value: groups[3]?.ttft.p50Ns, place: 4, target: { label: "slowest" } });
  });

  test("puts the higher rates first among equals", () => {
    const rates = ranking.metrics.find(({ metric }) => metric === "outputTokensPerSecond")?.places.map(({ value }) => value) ?? [];
    expect(rates).toEqual(rates.toSorted((left, right) => right - left));
  });

  test("ranks by errors too", () => {
    expect(placesOf(ranking, "errorRate").at(-1)).toEqual(["slowest", 4]);
  });

  test("holds the comparison of each with each later one, corrected for all of them", () => {
    expect(ranking.comparisons.map(({ base, candidate }) => `${base.label} / ${candidate.label}`)).toEqual([
      "slow / fast",
      "slow / as fast",
      "slow / slowest",
      "fast / as fast",
      "fast / slowest",
      "as fast / slowest",
    ]);
    const rows = ranking.comparisons.flatMap(({ metrics }) => metrics);
    const tests = rows.filter(({ metric }) => metric !== "outputTokensPerSecond").length;
    const smallest = rows.reduce((least, row) => ((row.pValue ?? 1) < (least.pValue ?? 1) ? row : least));
    expect(smallest.adjustedPValue).toBeCloseTo((smallest.pValue ?? 0) * tests, 12);
    expect(ranking.notes).toEqual(["100 of 400 requests of slowest failed: its latencies are of the answered ones only."]);
  });

  test("of one group is empty", () => {
    expect(rankGroups(groups.slice(0, 1), OPTIONS)).toMatchObject({ metrics: [], comparisons: [], notes: [] });
  });
});
