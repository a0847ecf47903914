import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVirtualClock } from "@lens/core/testing";
import { createScriptedTransport, type Script } from "@lens/providers/testing";
import { describe, expect, test } from "vitest";
import { version } from "../package.json";
import { createMonitor } from "../src/monitor/monitor.ts";
import type { MonitorPlan } from "../src/monitor/plan.ts";
import { createReloader } from "../src/monitor/reload.ts";
import { readState, type SavedState, writeState } from "../src/monitor/state-file.ts";
import { answered, HUNG, keptLog, planOf, type PlanParts, samplesOf, SECOND } from "./monitored.ts";

const MIDDAY = Date.UTC(2026, 10, 23, 12);

interface WorldOptions extends Partial<Omit<PlanParts, "transport">> {
  /** What becomes of a request, by the label of its target. */
  readonly script?: (label: string) => Script;
  readonly before?: SavedState;
}

/** A monitor on a virtual clock. */
function createWorld({ script = () => answered(200), before, labels = ["a"], ...parts }: WorldOptions = {}) {
  const clock = createVirtualClock({ epochMs: MIDDAY });
  const sent: (readonly [label: string, atSeconds: number])[] = [];
  const transport = createScriptedTransport(clock, (_index, { url }) => {
    const label = new URL(url).hostname.replace(".test", "");
    sent.push([label, Number(clock.nowNs()) / SECOND]);
    return script(label);
  });
  const kept = keptLog();
  const plan = (changed: Partial<PlanParts> = {}): MonitorPlan => planOf({ labels, transport, ...parts, ...changed });
  const monitor = createMonitor({ clock, log: kept.log, plan: plan(), before: before ?? null });
  return {
    clock,
    monitor,
    plan,
    ...kept,
    sentTo: (label: string) => sent.filter(([to]) => to === label).map(([, atSeconds]) => atSeconds),
    async runUntil(seconds: number) {
      await clock.sleepUntil(BigInt(seconds * SECOND));
    },
    metrics: async () => samplesOf(await monitor.metrics()),
  };
}

const ofTarget = (label: string): string => `provider="openai",model="${label}",target="${label}"`;

describe("a monitor", () => {
  test("probes each target at its time, and tells what came of it", async () => {
    const { monitor, runUntil, sentTo, metrics, entries } = createWorld({ labels: ["a", "b"], probes: 2 });
    void monitor.start();
    expect(monitor.unready()).toBe("2 of 2 targets wait for the end of their first round");
    await runUntil(95);
    expect(sentTo("a")).toEqual([0, 0.22, 60, 60.22]);
    expect(sentTo("b")).toEqual([30, 30.22, 90, 90.22]);
    expect(monitor.unready()).toBeNull();
    const samples = await metrics();
    expect(samples.get(`llm_requests_total{${ofTarget("a")},status="ok"}`)).toBe(4);
    expect(
      samples.get(`llm_ttft_seconds_bucket{le="0.2",${ofTarget("a")}}`) ??
        samples.get(`llm_ttft_seconds_bucket{${ofTarget("a")},le="0.2"}`),
    ).toBe(4);
    expect(samples.get(`llm_probe_up{${ofTarget("b")}}`)).toBe(1);
    expect(samples.get(`llm_probe_age_seconds{${ofTarget("a")}}`)).toBeCloseTo(95 - 60.44, 6);
    expect(samples.get(`llm_probe_interval_seconds{${ofTarget("a")}}`)).toBe(60);
    expect(samples.get(`llm_probe_late_seconds_count{${ofTarget("a")}}`)).toBe(2);
    expect(samples.get("llm_budget_spent_dollars")).toBeCloseTo(8 * 0.13, 9);
    expect(samples.has("llm_budget_limit_dollars")).toBe(false);
    expect(samples.get("llm_config_reload_successful")).toBe(1);
    expect(samples.get("llm_config_reload_timestamp_seconds")).toBe(MIDDAY / 1000);
    expect(samples.get(`llm_monitor_info{version="${version}"}`)).toBe(1);
    expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(1e6);
    expect(entries().filter(({ level }) => level === "info")).toHaveLength(2);
    await monitor.end(0);
  });

  test("lets no hung, slow or dead target delay another by a nanosecond", async () => {
    const script = (label: string): Script => (label === "hung" ? HUNG : label === "slow" ? answered(25_000) : answered(200));
    const { monitor, runUntil, sentTo, metrics } = createWorld({
      labels: ["hung", "slow", "well"],
      intervalNs: 30 * SECOND,
      probes: 3,
      timeoutNs: 75 * SECOND,
      script,
    });
    void monitor.start();
    await runUntil(200);
    expect(sentTo("well").filter((_, index) => index % 3 === 0)).toEqual([20, 50, 80, 110, 140, 170]);
    expect(sentTo("hung")).toEqual([0, 90, 180]);
    const samples = await metrics();
    for (const label of ["hung", "slow", "well"]) expect(samples.get(`llm_probe_late_seconds_sum{${ofTarget(label)}}`)).toBe(0);
    expect(samples.get(`llm_probe_up{${ofTarget("hung")}}`)).toBe(0);
    expect(samples.get(`llm_request_errors_total{${ofTarget("hung")},error_type="TOTAL_TIMEOUT"}`)).toBe(2);
    expect(samples.get(`llm_probes_skipped_total{${ofTarget("hung")},reason="busy"}`)).toBeGreaterThan(0);
    expect(samples.has(`llm_probes_skipped_total{${ofTarget("well")},reason="busy"}`)).toBe(false);
    await monitor.end(0);
  });

  test("pauses when the day's money is spent, says so, and goes on at midnight", async () => {
    const { monitor, runUntil, sentTo, metrics, entries } = createWorld({ intervalNs: 3600 * SECOND, maxCostPerDayUsd: 0.5, mostUsd: 0.2 });
    void monitor.start();
    await runUntil(11.5 * 3600);
    // Spent 0.39 of 0.50 after three: a fourth might cost 0.20.
    expect(sentTo("a")).toHaveLength(3);
    const samples = await metrics();
    expect(samples.get("llm_budget_limit_dollars")).toBe(0.5);
    expect(samples.get("llm_budget_spent_dollars")).toBeCloseTo(0.39, 9);
    expect(samples.get(`llm_probes_skipped_total{${ofTarget("a")},reason="budget"}`)).toBe(9);
    expect(monitor.status()).toMatchObject({ budget: { exhausted: true }, targets: [{ state: "paused" }] });
    expect(entries().filter(({ message }) => message.startsWith("paused"))).toHaveLength(1);
    await runUntil(12.5 * 3600);
    expect(sentTo("a")).toHaveLength(4);
    expect(monitor.status()).toMatchObject({ budget: { exhausted: false }, targets: [{ state: "up" }] });
    await monitor.end(0);
  });

  test("says when a target goes down and comes back, once each, with no key and no prompt", async () => {
    let ill = false;
    const { monitor, runUntil, entries, text } = createWorld({
      script: () =>
        ill
          ? {
              steps: [
                { afterNs: 0, type: "headers", status: 401 },
                { afterNs: 0, type: "bytes", bytes: '{"error":{"message":"canary-key is wrong"}}' },
                { afterNs: 0, type: "end" },
              ],
            }
          : answered(200),
    });
    void monitor.start();
    await runUntil(90);
    ill = true;
    await runUntil(210);
    ill = false;
    await runUntil(310);
    expect(
      entries()
        .filter(({ level }) => level !== "debug")
        .map(({ level, message, outcome }) => [level, message, outcome]),
    ).toEqual([
      ["info", "target is up", "ok"],
      ["warn", "target is down", "AUTHENTICATION"],
      ["info", "target is up", "ok"],
    ]);
    expect(text() + JSON.stringify(monitor.status()) + JSON.stringify(await monitor.report()) + (await monitor.metrics())).not.toContain(
      "canary",
    );
    await monitor.end(0);
  });

  test("reports all targets in one report", async () => {
    const { monitor, runUntil } = createWorld({ labels: ["a", "b"] });
    void monitor.start();
    await runUntil(130);
    const { groups, run } = await monitor.report();
    expect(groups.map(({ requests, target }) => [target.provider, target.model, requests])).toEqual([
      ["openai", "a", 3],
      ["openai", "b", 2],
    ]);
    expect(groups[0]?.ttft.p50Ns).toBeGreaterThan(199e6);
    expect(run.startedAtMs).toBe(MIDDAY);
    await monitor.end(0);
  });

  test("ends within its grace, breaking off what is under way, which counts for nothing", async () => {
    let closed = 0;
    const { clock, monitor, runUntil, metrics } = createWorld({ script: () => HUNG, onClose: () => (closed += 1) });
    void monitor.start();
    await runUntil(5);
    await monitor.end(2 * SECOND);
    expect(clock.nowNs()).toBe(BigInt(7 * SECOND));
    expect(closed).toBe(1);
    expect(monitor.unready()).toBe("ending");
    expect((await metrics()).has(`llm_requests_total{${ofTarget("a")},status="aborted"}`)).toBe(false);
  });
});

describe("another configuration", () => {
  test("takes effect without touching the rhythm and the figures of targets that stay", async () => {
    let closed = 0;
    const { monitor, plan, runUntil, sentTo, metrics } = createWorld({ labels: ["a", "b"], onClose: () => (closed += 1) });
    void monitor.start();
    await runUntil(70);
    monitor.replace(plan({ labels: ["b", "c"] }));
    await runUntil(215);
    expect(sentTo("a")).toEqual([0, 60]);
    expect(sentTo("b")).toEqual([30, 90, 150, 210]);
    expect(sentTo("c")).toEqual([100, 160]);
    const samples = await metrics();
    expect([...samples.keys()].filter((name) => name.includes('target="a"'))).toEqual([]);
    expect(samples.get(`llm_requests_total{${ofTarget("b")},status="ok"}`)).toBe(4);
    expect(closed).toBe(1);
    await monitor.end(0);
  });

  test("does not close what probes of the old one are sent with before they have ended", async () => {
    let closedAt: number | null = null;
    const { clock, monitor, plan, runUntil } = createWorld({
      script: () => HUNG,
      onClose: () => (closedAt = Number(clock.nowNs()) / SECOND),
    });
    void monitor.start();
    await runUntil(10);
    monitor.replace(plan({ labels: ["b"] }));
    await runUntil(29);
    expect(closedAt).toBeNull();
    await runUntil(31);
    expect(closedAt).toBe(30);
    await monitor.end(0);
  });

  test("that cannot be read leaves the old one in force, and is told in log, metric and page", async () => {
    const { monitor, log, plan, runUntil, sentTo, metrics, entries } = createWorld();
    void monitor.start();
    const plans: (MonitorPlan | Error)[] = [new Error("Expected YAML, got canary-key."), plan({ intervalNs: 20 * SECOND })];
    const reload = createReloader({
      monitor,
      log,
      read: async () => {
        const next = plans.shift();
        if (next === undefined) throw new Error("Expected no further reading.");
        if (next instanceof Error) throw next;
        return next;
      },
    });
    await runUntil(10);
    reload();
    await runUntil(65);
    expect(sentTo("a")).toEqual([0, 60]);
    expect((await metrics()).get("llm_config_reload_successful")).toBe(0);
    expect((await metrics()).get("llm_config_reload_timestamp_seconds")).toBe(MIDDAY / 1000);
    expect(monitor.status().notes).toEqual([
      "The configuration could not be read, so the one before stays in force: Expected YAML, got [secret].",
    ]);
    reload();
    await runUntil(110);
    expect(sentTo("a").slice(2)).toEqual([65, 85, 105]);
    expect((await metrics()).get("llm_config_reload_successful")).toBe(1);
    expect(monitor.status().notes).toEqual([]);
    expect(entries().filter(({ level }) => level === "error")).toMatchObject([
      { message: "configuration not read, the one before stays in force", reason: "Expected YAML, got [secret]." },
    ]);
    await monitor.end(0);
  });
});

describe("the state of a monitor", () => {
  async function saved(seconds: number, folder: string) {
    const { monitor, runUntil } = createWorld({ labels: ["a", "b"] });
    void monitor.start();
    await runUntil(seconds);
    await monitor.end(0);
    await writeState("state", await monitor.save(), folder);
    return monitor;
  }
  const folder = (): Promise<string> => mkdtemp(join(tmpdir(), "lens-state-"));

  test("outlives a restart: counters and histograms go on, and so do last results, history, report and spending", async () => {
    const cwd = await folder();
    const first = await saved(100, cwd);
    expect(await readdir(cwd)).toEqual(["state"]);
    const { state } = await readState("state", cwd);
    const { monitor, runUntil, metrics } = createWorld({ labels: ["a", "b", "c"], ...(state === null ? {} : { before: state }) });
    expect(monitor.unready()).not.toBeNull();
    void monitor.start();
    expect(monitor.status().targets.map(({ last }) => last)).toEqual([...first.status().targets.map(({ last }) => last), null]);
    await runUntil(10);
    const samples = await metrics();
    expect(samples.get(`llm_requests_total{${ofTarget("a")},status="ok"}`)).toBe(3);
    expect(samples.get(`llm_requests_total{${ofTarget("b")},status="ok"}`)).toBe(2);
    expect([...samples].filter(([name]) => name.startsWith("llm_ttft_seconds_count")).map(([, count]) => count)).toEqual([3, 2]);
    expect(samples.get("llm_budget_spent_dollars")).toBeCloseTo(5 * 0.13, 9);
    expect((await monitor.report()).groups.map(({ requests }) => requests)).toEqual([3, 2]);
    await monitor.end(0);
  });

  test("can be saved and read again and again without a change", async () => {
    const cwd = await folder();
    await saved(100, cwd);
    const text = await readFile(join(cwd, "state"), "utf8");
    const { state } = await readState("state", cwd);
    const { monitor } = createWorld({ labels: ["a", "b"], ...(state === null ? {} : { before: state }) });
    void monitor.start();
    await monitor.end(0);
    await writeState("state", await monitor.save(), cwd);
    expect(samplesOfState(await readFile(join(cwd, "state"), "utf8"))).toEqual(samplesOfState(text));
  });

  test("that cannot be understood is put aside and not written over", async () => {
    const cwd = await folder();
    for (const text of [
      "no JSON",
      '{"kind":"lens-monitor-state","schema":2}',
      `{"kind":"lens-monitor-state","schema":1,"spending":{"day":1,"spentUsd":-1}}`,
      "",
    ]) {
      await writeFile(join(cwd, "state"), text);
      const { state, aside } = await readState("state", cwd);
      expect([state, aside?.path]).toEqual([null, "state.unreadable"]);
      expect(await readFile(join(cwd, "state.unreadable"), "utf8")).toBe(text);
    }
    expect(await readState("state", cwd)).toEqual({ state: null, aside: null });
  });
});

/** The lines of a state, without the reports, whose end is when they were made. */
function samplesOfState(text: string): readonly unknown[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => ({ ...(JSON.parse(line) as object), report: null }));
}
