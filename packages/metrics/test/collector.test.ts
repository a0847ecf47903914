import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { RequestRecord, Target } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, test } from "vitest";
import { createCollector, parseSlo, type Report, summarize } from "../src/index.ts";
import { text as collectingThread } from "./collecting-thread.ts?bundled";
import { record, STARTED_AT_MS } from "./records.ts";
import { portionsOf, type ThreadOrder, THREADS } from "./threads.ts";

const HOUR_MS = 3600 * 1000;

const targetOf = (provider: string, model: string, label = `${provider}:${model}`): Target => ({ provider, model, label, origin: null });

const of = (target: Target, changes: Partial<RequestRecord> = {}): RequestRecord => record({ target, ...changes });

const counts = ({ groups }: Report): Readonly<Record<string, number>> =>
  Object.fromEntries(groups.map(({ target, requests }) => [target.label, requests]));

/** As it comes from another thread. */
const sent = (report: Report): Report => structuredClone(report);

describe("createCollector", () => {
  test("gives the figures of a summary of the same records", () => {
    const records = [100, 200, 300].map((endMs) => record({ endNs: endMs * 1e6 }));
    const collector = createCollector();
    records.forEach(collector.add);
    const live = collector.report();
    const { groups, notes, instrument } = summarize(records, { tool: live.tool, run: live.run });
    expect(live).toMatchObject({ groups, notes, instrument });
  });

  test("keeps apart providers and models that share a label", () => {
    const collector = createCollector();
    collector.add(of(targetOf("openai", "small")));
    collector.add(of(targetOf("openai", "small", "chat")));
    collector.add(of(targetOf("openai", "large", "chat")));
    collector.add(of(targetOf("azure", "large", "chat")));
    collector.add(of(targetOf("openai", "large", "chat")));
    expect(counts(collector.report())).toEqual({
      "openai:small": 1,
      "chat (openai:small)": 1,
      "chat (openai:large)": 2,
      "chat (azure:large)": 1,
    });
  });

  test("is live: a report does not end the collecting, and a reset begins it anew", async () => {
    const clock = createVirtualClock();
    const begunMs = clock.epochMs();
    const collector = createCollector({ clock, tool: { name: "mine", version: "3" } });
    collector.add(record());
    await clock.sleepUntil(clock.nowNs() + 5_000_000_000n);
    expect(collector.report()).toMatchObject({
      tool: { name: "mine", version: "3" },
      run: { startedAtMs: begunMs, durationNs: 5e9, mode: "unknown" },
    });
    collector.add(record());
    expect(counts(collector.report())).toEqual({ "openai:gpt-6-sol": 2 });
    collector.reset();
    expect(collector.report()).toMatchObject({ groups: [], run: { startedAtMs: begunMs + 5000, durationNs: 0 } });
  });

  test("merges what other threads gathered, as if it had gathered all by itself", () => {
    const all = createCollector();
    const [main, worker] = [createCollector(), createCollector()];
    for (let index = 0; index < 20; index += 1) {
      const one = of(targetOf("openai", index < 15 ? "small" : "large", "chat"), {
        startedAtMs: STARTED_AT_MS + index,
        endNs: (200 + index) * 1e6,
      });
      all.add(one);
      (index % 2 === 0 ? main : worker).add(one);
      if (index % 7 !== 6) continue;
      main.merge(sent(worker.report()));
      worker.reset();
    }
    main.merge(sent(worker.report()));
    const [merged, expected] = [main.report(), all.report()];
    expect(counts(merged)).toEqual(counts(expected));
    for (const { target, e2e, ttft, chunkGap, tokens } of expected.groups) {
      const group = merged.groups.find((other) => other.target.label === target.label);
      expect(group).toMatchObject({ e2e: { hdr: e2e.hdr }, ttft: { hdr: ttft.hdr }, chunkGap: { hdr: chunkGap.hdr }, tokens });
    }
    main.reset();
    expect(counts(main.report())).toEqual({});
  });

  test("has an end to its memory: what is new joins the others while all groups are in use", () => {
    const collector = createCollector({ maxGroups: 2 });
    for (const model of ["a", "b", "c", "d", "a", "c"]) collector.add(of(targetOf("x", model)));
    expect(counts(collector.report())).toEqual({ "x:a": 2, "x:b": 1, "(others)": 3 });
  });

  test("lets a new group take the place of the one that has been idle for the longest time, at least an hour", () => {
    const collector = createCollector({ maxGroups: 2 });
    const add = (model: string, hours: number): void =>
      collector.add(of(targetOf("x", model, "chat"), { startedAtMs: STARTED_AT_MS + hours * HOUR_MS }));
    add("a", 0);
    add("b", 0.1);
    add("a", 0.5);
    add("c", 1);
    expect(counts(collector.report())).toEqual({ "chat (x:a)": 2, "chat (x:b)": 1, "(others)": 1 });
    add("c", 1.2);
    expect(counts(collector.report())).toEqual({ "chat (x:a)": 2, "chat (x:c)": 1, "(others)": 2 });
    add("b", 1.6);
    expect(counts(collector.report())).toEqual({ "chat (x:b)": 1, "chat (x:c)": 1, "(others)": 4 });
  });

  test("keeps no more groups of what it merges", () => {
    const worker = createCollector();
    for (const model of ["a", "b", "c"]) worker.add(of(targetOf("x", model)));
    const collector = createCollector({ maxGroups: 2 });
    collector.merge(sent(worker.report()));
    collector.merge(sent(worker.report()));
    expect(counts(collector.report())).toEqual({ "x:a": 2, "x:b": 2, "(others)": 2 });
  });

  test("refuses to merge figures that were held against other SLOs, and takes nothing of them", () => {
    const worker = createCollector({ slo: parseSlo("ttft=500ms") });
    worker.add(record());
    const collector = createCollector();
    expect(() => collector.merge(worker.report())).toThrow(/`openai:gpt-6-sol` to be held against the SLOs none, got ttft ≤ 500 ms/);
    expect(counts(collector.report())).toEqual({});
  });

  test.each([0, 1.5, Number.NaN])("refuses %s groups", (maxGroups) => {
    expect(() => createCollector({ maxGroups })).toThrow(/a whole number from 1 up/);
  });
});

/** What a thread posts. */
type Posted = Report | readonly RequestRecord[];

describe("over threads", () => {
  /** Runs a thread to its end, and hands over each message when it comes. */
  async function run(order: ThreadOrder, onMessage: (message: Posted) => void): Promise<void> {
    const worker = new Worker(collectingThread, { eval: true, workerData: order });
    worker.on("message", onMessage);
    const [exitCode] = (await once(worker, "exit")) as [number];
    expect(exitCode).toBe(0);
  }

  const threads = Array.from({ length: THREADS }, (_, thread) => thread);

  test.each([
    ["reports", "report"],
    ["records", "records"],
  ] as const)("gives the figures of one that had all requests to itself, where threads send %s", async (_, posts) => {
    const collector = createCollector();
    const take = (message: Posted): void => ("groups" in message ? collector.merge(message) : message.forEach(collector.add));
    await Promise.all(threads.map((thread) => run({ thread, posts }, take)));
    const alone = createCollector();
    for (const thread of threads) portionsOf(thread).flat().forEach(alone.add);
    const [merged, expected] = [collector.report(), alone.report()];
    expect(merged.instrument).toMatchObject({
      compared: expected.instrument.compared,
      lateness: { hdr: expected.instrument.lateness.hdr },
    });
    expect(counts(merged)).toEqual({ "openai:m0": 134, "openai:m1": 133, "openai:m2": 133 });
    for (const group of expected.groups) {
      const { target, outcomes, errors, attempts, ttft, e2e, tpot, chunkGap } = group;
      // Deviations differ in their last digit by the order of the samples.
      const { inputPerRequest, outputPerRequest, ...tokens } = group.tokens;
      const found = merged.groups.find((other) => other.target.label === target.label);
      expect(found).toMatchObject({ target, outcomes, errors, attempts, tokens });
      expect(found?.tokens).toMatchObject({
        inputPerRequest: { hdr: inputPerRequest.hdr },
        outputPerRequest: { hdr: outputPerRequest.hdr },
      });
      for (const [name, distribution] of Object.entries({ ttft, e2e, tpot, chunkGap })) {
        const { hdr, count, minNs, maxNs, p50Ns, p90Ns } = distribution;
        expect(found).toMatchObject({ [name]: { hdr, count, minNs, maxNs, p50Ns, p90Ns } });
      }
    }
  });
});
