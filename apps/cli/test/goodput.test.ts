import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { GroupSummary, Report } from "@lens/metrics";
import { describe, expect, test } from "vitest";
import { createFakeIo, lens } from "./fake-io.ts";

function groupOf(text: string): GroupSummary {
  const [group] = (JSON.parse(text) as Report).groups;
  if (group === undefined) throw new Error("no group");
  return group;
}

describe("--slo", () => {
  test("counts the requests that met every limit, also over time", async () => {
    const { code, out } = await lens("bench sim: -n 20 --slo ttft=10s,e2e=10s --json");
    const { goodput, series } = groupOf(out);
    expect(goodput).toMatchObject({ slo: { ttftNs: 10e9, e2eNs: 10e9 }, met: 20, judged: 20, share: 1 });
    expect(series?.bins.reduce((sum, bin) => sum + (bin.goodput ?? 0), 0)).toBe(20);
    expect(code).toBe(0);
  });

  test("may stand in the configuration file, and shows on the console", async () => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, "lens.config.json"), JSON.stringify({ slo: "ttft=1us", series: "2s" }));
    const { out } = await lens("bench sim: -n 20 --quiet", { cwd });
    expect(out).toMatch(/^goodput {7}0 % \(0 % to 16\.8 %\) · 0 of 20 requests/m);
    expect(out).toContain("ttft ≤ 1.00 µs");
  });

  test("is what a search for goodput goes by", async () => {
    const { out } = await lens("bench sim: --search goodput>50% -c 1..2 -n 10 --slo ttft=10s --json");
    expect((JSON.parse(out) as Report).searches).toMatchObject([{ status: "not-found", thresholds: ["goodput>50%"], highestMet: 2 }]);
  });

  test("that is none is refused before anything is sent", async () => {
    const { code, err } = await lens("bench sim: --slo ttf=1s");
    expect(err).toContain("Expected an SLO on one of ttft, ttfo, tpot, e2e");
    expect(err).toContain("Did you mean `ttft`?");
    expect(code).toBe(2);
  });
});

describe("--series", () => {
  test("chooses the width of the bins", async () => {
    const { out } = await lens("bench sim: -n 10 --series 2s --json");
    expect(groupOf(out).series).toMatchObject({ binNs: 2e9 });
    expect(groupOf((await lens("bench sim: -n 10 --json")).out).series).toMatchObject({ binNs: 125e6 });
  });

  test("refuses what is no time", async () => {
    const { code, err } = await lens("bench sim: --series 0");
    expect(err).toContain("Expected `--series` to be milliseconds or a duration such as 500ms, 30s or 5m, more than 0, got `0`.");
    expect(code).toBe(2);
  });
});
