import type { RequestRecord } from "@lens/core";
import { describe, expect, test } from "vitest";
import { joinReports, type LoadSummary, type Report, type ReportContext, type RunManifest, summarize } from "../src/index.ts";
import { failed, record, STARTED_AT_MS } from "./records.ts";

const RUN: RunManifest = {
  startedAtMs: STARTED_AT_MS,
  durationNs: 1,
  mode: "closed",
  command: "lens run",
  seed: null,
  options: {},
  versions: {},
  machine: null,
  interrupted: false,
  shards: null,
};
const TOOL = { name: "llm-latency-lens", version: "0.1.0" };
const MS_PER_HOUR = 3_600_000;

const load = (more: Partial<LoadSummary>): LoadSummary => ({
  stoppedBy: "requests",
  sent: 10,
  lost: 0,
  workers: 2,
  crashes: [],
  schedule: null,
  ...more,
});

function reportOf(records: readonly RequestRecord[], context: Partial<ReportContext> = {}): Report {
  return summarize(records, { tool: TOOL, run: RUN, ...context });
}

/** One request each 100 ms, to a target of that label. */
const course = (label: string, count: number, fromMs = STARTED_AT_MS): readonly RequestRecord[] =>
  Array.from({ length: count }, (_, index) => {
    const one = record({ startedAtMs: fromMs + index * 100, latenessNs: 5 });
    return { ...one, target: { ...one.target, label } };
  });

describe("joined reports", () => {
  test("of scenarios have their groups side by side, each as it was", () => {
    const parts = [reportOf(course("chat / sim", 5)), reportOf(course("rag / sim", 3))];
    const joined = joinReports(parts, { tool: TOOL, run: RUN });
    expect(joined.groups).toEqual(parts.flatMap(({ groups }) => groups));
    expect(joined.instrument.lateness.count).toBe(8);
    expect(joined.run).toBe(RUN);
  });

  test("of a run that went on are one group, over the time that it ran and not over the pause", () => {
    const [before, after] = [course("sim", 11), course("sim", 21, STARTED_AT_MS + MS_PER_HOUR)];
    const [group] = joinReports([reportOf(before), reportOf(after)], { tool: TOOL, run: RUN }).groups;
    const [whole] = reportOf([...before, ...after]).groups;
    expect(group).toMatchObject({ requests: 32, outcomes: whole?.outcomes, tokens: whole?.tokens, ttft: { hdr: whole?.ttft.hdr } });
    expect(group?.throughput).toMatchObject({ windowNs: 3_000_000_000 });
    expect(whole?.throughput.windowNs).toBeGreaterThan(MS_PER_HOUR * 1e6);
  });

  test("say of the load what ended it at last, and how many threads it had at once", () => {
    const parts = [load({ stoppedBy: "signal", sent: 4 }), load({ sent: 6, workers: 1 })].map((summary) =>
      reportOf(course("sim", 2), { loads: new Map([["sim", { level: null, load: summary }]]) }),
    );
    const [group] = joinReports(parts, { tool: TOOL, run: RUN }).groups;
    expect(group?.load).toEqual(load({ sent: 10, workers: 2 }));
  });

  test("have the notes on the figures of the whole, and each other note once", () => {
    const parts = [3, 2].map((count) =>
      reportOf(
        course("sim", count).map((one) => ({ ...one, usage: null })),
        { notes: ["Said before."] },
      ),
    );
    const { notes } = joinReports(parts, { tool: TOOL, run: RUN });
    expect(notes.filter((note) => note === "Said before.")).toHaveLength(1);
    expect(notes.filter((note) => note.includes("no usage")).join()).toContain("5 requests");
  });

  test("keep what failed", () => {
    const [group] = joinReports([reportOf([failed("RATE_LIMITED")]), reportOf([failed("RATE_LIMITED")])], { tool: TOOL, run: RUN }).groups;
    expect(group).toMatchObject({ requests: 2, errors: { RATE_LIMITED: 2 } });
  });
});
