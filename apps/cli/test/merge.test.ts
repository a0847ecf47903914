import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Report } from "@lens/metrics";
import { startSimulator } from "@lens/sim";
import { describe, expect, test } from "vitest";
import { createFakeIo, lens } from "./fake-io.ts";
import { recordOf, reportOf } from "./saved-reports.ts";

/** A folder with the reports `1.json` to `3.json` of three shards of twelve requests. */
async function withShards() {
  const { cwd } = await createFakeIo();
  for (const number of [1, 2, 3]) {
    const report = reportOf({ requests: 4, first: number - 1, of: 3, run: { shards: { of: 3, numbers: [number] } } });
    await writeFile(join(cwd, `${number}.json`), JSON.stringify(report));
  }
  return cwd;
}

describe("merging", () => {
  test("prints the report of the whole, and writes it", async () => {
    const cwd = await withShards();
    const { code, out, err } = await lens("merge 1.json 2.json 3.json -o all.json", { cwd });
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("requests      12 · 12 ok");
    const merged = JSON.parse(await readFile(join(cwd, "all.json"), "utf8")) as Report;
    expect(merged).toMatchObject({
      run: { shards: { of: 3, numbers: [1, 2, 3] } },
      groups: [{ requests: 12, outcomes: { ok: 12 } }],
      notes: [],
    });
  });

  test("says which shard is missing", async () => {
    const cwd = await withShards();
    const { out } = await lens("merge 3.json 1.json --json", { cwd });
    expect((JSON.parse(out) as Report).notes).toEqual(["1 of 3 shards are missing (2): counts and rates are those of the others."]);
  });

  test("takes records, too, and holds them against objectives", async () => {
    const cwd = await withShards();
    for (const [name, first] of [
      ["a.jsonl", 0],
      ["b.jsonl", 10],
    ] as const)
      await writeFile(join(cwd, name), Array.from({ length: 10 }, (_, index) => `${JSON.stringify(recordOf(first + index))}\n`).join(""));
    const { out } = await lens("merge a.jsonl b.jsonl --slo ttft=250ms --json", { cwd });
    const [group] = (JSON.parse(out) as Report).groups;
    const met = Array.from({ length: 20 }, (_, index) => 200 + ((index * 37) % 101)).filter((ms) => ms <= 250).length;
    expect(group).toMatchObject({ requests: 20, goodput: { met, judged: 20 } });
  });

  test.each([
    ["merge", "Expected results to merge, reports as JSON or files of records, got none."],
    ["merge 1.json 1.json", "Expected reports that belong together: shard 1 is in `1.json` and in `1.json`."],
    [
      "merge 1.json other.json",
      "Expected reports that belong together: the option `concurrency` is `10` in `1.json` and `20` in `other.json`.",
    ],
    [
      "merge 1.json schema.json",
      "In `schema.json`: Expected a report of schema 1, got one of schema 2, which another version of the tool wrote.",
    ],
    ["merge 1.json nothing.json", "Cannot read `nothing.json`: there is no such file or folder."],
  ])("is refused kindly: %s", async (line, complaint) => {
    const cwd = await withShards();
    const other = reportOf({ requests: 4, run: { options: { requests: 100, concurrency: 20 }, shards: { of: 3, numbers: [2] } } });
    await writeFile(join(cwd, "other.json"), JSON.stringify(other));
    await writeFile(join(cwd, "schema.json"), JSON.stringify({ ...other, schema: 2 }));
    expect(await lens(line, { cwd })).toMatchObject({ code: 2, out: "", err: `lens: ${complaint}\n` });
  });
});

describe("three shards of a run against one server", () => {
  test("send each request once, and their merged report counts them all", async () => {
    const simulator = await startSimulator({ scenario: { ttftMs: 10, gapMs: 1, outputTokens: 4, slots: 100 } });
    const { cwd } = await createFakeIo();
    const run = `bench vllm:sim --base-url ${simulator.baseUrls.openai} -n 50 --rate 200 --arrivals poisson --seed 5 --warmup 5 --start-at +300ms -q`;
    const codes = await Promise.all(
      [1, 2, 3].map(
        async (number) => (await lens(`${run} --shard ${number}/3 --json -o ${number}.json --records ${number}.jsonl`, { cwd })).code,
      ),
    );
    await simulator.close();
    expect(codes).toEqual([0, 0, 0]);
    const { out } = await lens("merge 1.json 2.json 3.json --json", { cwd });
    const { groups, run: merged, notes } = JSON.parse(out) as Report;
    expect(groups).toMatchObject([
      {
        requests: 50,
        outcomes: { ok: 50 },
        excluded: { warmup: 5, drain: 0 },
        ttft: { count: 50 },
        load: { sent: 55, schedule: { sent: 50 } },
      },
    ]);
    expect(groups[0]?.load?.schedule?.targetRatePerSecond).toBeGreaterThan(100);
    expect(merged).toMatchObject({ seed: 5, shards: { of: 3, numbers: [1, 2, 3] }, options: { requests: 50, rate: 200 } });
    expect(merged.options).not.toHaveProperty("shard");
    expect(simulator.truth()).toHaveLength(55);
    const lines = await Promise.all([1, 2, 3].map((number) => readFile(join(cwd, `${number}.jsonl`), "utf8")));
    const ids = lines.flatMap((text) => text.trim().split("\n")).map((line) => (JSON.parse(line) as { id: string }).id);
    expect(new Set(ids).size).toBe(55);
    expect(notes.filter((note) => note.includes("shard"))).toEqual([]);
  });
});
