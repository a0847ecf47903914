import { type RequestRecord, systemClock } from "@lens/core";
import { type Simulator, startSimulator } from "@lens/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type JobTarget, type LoadPlan, type LoadProgress, type RunLoadInWorkers, resolvePlan, type WorkerJob } from "../src/index.ts";
import { runInWorkers } from "../src/worker-pool.ts";
import type { FromWorker, ToWorker, WorkerHandle, WorkerOrder } from "../src/worker-protocol.ts";
import { serveOrder } from "../src/worker-serve.ts";

const MS = 1e6;

/** A worker in this thread: messages are cloned and come later, as they do between threads. */
interface LocalWorker extends WorkerHandle {
  /** Dies as a thread would: nothing that it says from now on is heard. */
  die(reason: string): void;
}

function createLocalWorker(order: WorkerOrder, serve: typeof serveOrder = serveOrder): LocalWorker {
  let alive = true;
  let toMain = (_message: FromWorker): void => undefined;
  let onExit = (_reason: string): void => undefined;
  let toWorker = (_message: ToWorker): void => undefined;
  const die = (reason: string): void => {
    if (!alive) return;
    alive = false;
    // What a thread would not survive: it sends nothing more.
    toWorker({ type: "stop" });
    toWorker({ type: "abort" });
    onExit(reason);
  };
  const later = (work: () => void): void => void setImmediate(() => void (alive && work()));
  setImmediate(() => {
    void serve(order, {
      post: (message) => later(() => toMain(structuredClone(message))),
      listen(onMessage) {
        toWorker = onMessage;
      },
    });
  });
  return {
    die,
    post(message) {
      const copy = structuredClone(message);
      later(() => toWorker(copy));
    },
    listen(onMessage, exited) {
      toMain = onMessage;
      onExit = exited;
    },
    async terminate() {
      die("terminated");
    },
  };
}

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ scenario: { ttftMs: 20, gapMs: 1, outputTokens: 3 } });
});
afterEach(() => simulator.close());

const jobOf = (target: Partial<JobTarget> = {}): WorkerJob => ({
  target: { adapter: "openai", provider: "sim", model: "m", baseUrl: simulator.baseUrls.openai, apiKey: "k", ...target },
  prompts: [{ messages: [{ role: "user", content: "One." }] }, { messages: [{ role: "user", content: "Two." }] }],
});

function start(plan: LoadPlan, options: Partial<RunLoadInWorkers> = {}, serve?: typeof serveOrder) {
  const records: RequestRecord[] = [];
  const workers: LocalWorker[] = [];
  const spawn = (order: WorkerOrder): WorkerHandle => {
    const worker = createLocalWorker(order, serve);
    workers.push(worker);
    return worker;
  };
  const settings: RunLoadInWorkers = { plan, job: jobOf(), workers: 2, onRecord: (record) => void records.push(record), ...options };
  return { records, workers, result: runInWorkers(resolvePlan(plan), settings, spawn) };
}

const closed = (concurrency: number, rest: Omit<LoadPlan, "load">): LoadPlan => ({ load: { mode: "closed", concurrency }, ...rest });
const indexes = (records: readonly RequestRecord[]): readonly string[] => records.map(({ id }) => id).toSorted();
const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `r${String(index).padStart(6, "0")}`);

describe("workers", () => {
  it("share a closed loop: every request once, warm-up first", async () => {
    const { result, records } = start(closed(6, { requests: 30, warmup: { requests: 6 } }));
    expect(await result).toMatchObject({ sent: 36, lost: 0, crashes: [], workers: 2, stoppedBy: "requests", schedule: null });
    expect(indexes(records)).toEqual(numbered(36));
    expect(
      records
        .filter(({ phase }) => phase === "warmup")
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(numbered(6));
    expect(records.every(({ outcome, queuedNs, target }) => outcome.kind === "ok" && queuedNs === null && target.provider === "sim")).toBe(
      true,
    );
  });

  it("share an open loop: every request at its time, on one clock with the thread that asked", async () => {
    const beforeMs = systemClock.epochMs();
    const { result, records } = start(
      { load: { mode: "open", arrivals: { process: "constant", ratePerSecond: 100 } }, requests: 20 },
      { workers: 3 },
    );
    const { schedule, instrument, startedAtMs } = await result;
    const afterMs = systemClock.epochMs();
    expect(indexes(records)).toEqual(numbered(20));
    expect(schedule).toMatchObject({ sent: 20, waitedForSlot: 0, waitedForLimit: 0, sendLag: { count: 20 } });
    expect(schedule?.targetRatePerSecond).toBe(100);
    expect(instrument.threads.map(({ worker }) => worker)).toEqual([0, 1, 2]);
    for (const { startedAtMs: atMs, queuedNs, id } of records) {
      expect(atMs).toBeGreaterThan(beforeMs);
      expect(atMs).toBeLessThan(afterMs);
      // The due time of each, counted back from its start, lies where the schedule put it.
      const first = records.find((record) => record.id === "r000000");
      const dueMs = atMs - (queuedNs ?? 0) / MS - ((first?.startedAtMs ?? 0) - (first?.queuedNs ?? 0) / MS);
      expect(dueMs).toBeCloseTo(Number(id.slice(1)) * 10, -1);
    }
    expect(startedAtMs).toBe(Math.min(...records.map((record) => record.startedAtMs)));
  });

  it("take the prompts in turn, under the ids, labels and name that the job gives", async () => {
    const job: WorkerJob = {
      ...jobOf({ label: "mine", headers: { "x-a": "b" } }),
      idPrefix: "t1-",
      labels: { turn: "1" },
      retry: { maxRetries: 1, baseDelayMs: 1, maxDelayMs: 1, maxRetryAfterMs: 1 },
    };
    const { result, records } = start(closed(1, { requests: 2, warmup: null }), { job, workers: "auto" });
    await result;
    expect(records.map(({ id, labels, target }) => [id, labels, target.label])).toEqual([
      ["t1-r000000", { turn: "1" }, "mine"],
      ["t1-r000001", { turn: "1" }, "mine"],
    ]);
  });

  it("tell how the run goes", async () => {
    const seen: LoadProgress[] = [];
    await start(closed(2, { durationNs: 350 * MS }), { onProgress: (progress) => void seen.push(progress) }).result;
    expect(seen.length).toBeGreaterThan(0);
    for (const progress of seen) expect(progress).toMatchObject({ level: 2, lost: 0, failedByCode: {} });
    expect(seen.every(({ inFlight }) => inFlight >= 0 && inFlight <= 2)).toBe(true);
  });

  it("share a budget", async () => {
    const budget = { maxCostUsd: 0.1, reserveUsd: 0.01, costOf: () => 0.01 };
    const { result, records } = start(closed(4, { requests: 1000, warmup: null }), { budget });
    expect(await result).toMatchObject({ sent: 10, stoppedBy: "budget", interrupted: false });
    expect(records).toHaveLength(10);
  });

  it("wait for what takes their records", async () => {
    let most = 0;
    let taking = 0;
    const onRecord = async (): Promise<void> => {
      taking += 1;
      most = Math.max(most, taking);
      await new Promise((resolve) => void setImmediate(resolve));
      taking -= 1;
    };
    expect(await start(closed(4, { requests: 20 }), { onRecord, workers: 1 }).result).toMatchObject({ sent: 24, lost: 0 });
    expect(most).toBe(1);
  });
});

describe("a worker that dies", () => {
  it("is reported with the requests that are lost with it, and the others go on", async () => {
    let taken = 0;
    const records: RequestRecord[] = [];
    const { result, workers } = start(closed(8, { requests: 200, warmup: null }), {
      onRecord: (record) => {
        records.push(record);
        taken += 1;
        if (taken === 20) workers[0]?.die("killed");
      },
    });
    const { sent, lost, crashes, stoppedBy, instrument } = await result;
    expect(crashes).toEqual([{ worker: 0, reason: "killed", lost }]);
    expect(lost).toBeGreaterThan(0);
    expect([sent, records.length + lost, stoppedBy]).toEqual([200, 200, "requests"]);
    expect(instrument.threads.map(({ worker }) => worker)).toEqual([1]);
  });

  it("does not keep the run from ending when it is the last", async () => {
    let taken = 0;
    const onRecord = (): void => {
      taken += 1;
      workers[0]?.die("out of memory");
    };
    const { result, workers } = start(closed(2, { requests: 1e6, warmup: null }), { workers: 1, onRecord });
    const { sent, lost, crashes, stoppedBy } = await result;
    expect(stoppedBy).toBe("crash");
    expect(crashes).toEqual([{ worker: 0, reason: "out of memory", lost }]);
    expect(taken + lost).toBe(sent);
  });

  it("may die before it has begun", async () => {
    const { result, workers } = start(closed(2, { requests: 10, warmup: null }));
    workers[1]?.die("no such file");
    expect(await result).toMatchObject({ sent: 10, lost: 0, crashes: [{ worker: 1, reason: "no such file", lost: 0 }] });
  });

  it("is one whose own code fails", async () => {
    const serve: typeof serveOrder = (order, port) =>
      order.worker === 0 ? serveOrder({ ...order, memory: null as never }, port) : serveOrder(order, port);
    const broken = start(closed(2, { requests: 10, warmup: null }), {}, async (order, port) => {
      try {
        await serve(order, port);
      } catch (error) {
        port.post({ type: "failed", code: null, message: String(error) });
      }
    });
    expect(await broken.result).toMatchObject({ sent: 10, lost: 0, crashes: [{ worker: 0 }] });
  });
});

describe("signals to workers", () => {
  it("let what is in flight end after the first", async () => {
    const stop = new AbortController();
    const records: RequestRecord[] = [];
    const onRecord = (record: RequestRecord): void => {
      records.push(record);
      stop.abort();
    };
    const { result } = start(closed(4, { requests: 1e6, warmup: null }), { signal: stop.signal, onRecord });
    const { sent, lost, stoppedBy, interrupted } = await result;
    expect([lost, stoppedBy, interrupted]).toEqual([0, "signal", true]);
    expect(records).toHaveLength(sent);
    expect(new Set(records.map(({ outcome }) => outcome.kind))).toEqual(new Set(["ok"]));
  });

  it("break off what is in flight at the second", async () => {
    const slow = await startSimulator({ scenario: { ttftMs: 60_000 } });
    const stop = new AbortController();
    const abort = new AbortController();
    const job = jobOf({ baseUrl: slow.baseUrls.openai });
    const onProgress = ({ inFlight }: LoadProgress): void => {
      if (stop.signal.aborted) abort.abort();
      else if (inFlight === 4) stop.abort();
    };
    const { result, records } = start(closed(4, { requests: 9, warmup: null }), {
      job,
      signal: stop.signal,
      abortSignal: abort.signal,
      onProgress,
    });
    expect(await result).toMatchObject({ sent: 4, lost: 0, stoppedBy: "signal" });
    expect(records.map(({ outcome }) => outcome.kind)).toEqual(["aborted", "aborted", "aborted", "aborted"]);
    await slow.close();
  });

  it("reach workers that have not begun", async () => {
    expect(await start(closed(4, { requests: 9 }), { abortSignal: AbortSignal.abort() }).result).toMatchObject({
      sent: 0,
      stoppedBy: "signal",
    });
    expect(await start(closed(4, { requests: 9 }), { signal: AbortSignal.abort() }).result).toMatchObject({ sent: 0, stoppedBy: "signal" });
  });

  it("end a worker that does not heed them", async () => {
    const deaf: typeof serveOrder = async (_, port) => port.post({ type: "ready" });
    const { result } = start(closed(1, { requests: 9 }), { abortSignal: AbortSignal.abort(), workers: 1 }, deaf);
    expect(await result).toMatchObject({ sent: 0, crashes: [{ worker: 0, reason: "terminated" }], stoppedBy: "signal" });
  });
});

describe("runInWorkers", () => {
  it.each<[string, () => Partial<RunLoadInWorkers>, string]>([
    ["an unknown adapter", () => ({ job: jobOf({ adapter: "opnai" }) }), "UNKNOWN_PROVIDER"],
    ["an address that is none", () => ({ job: jobOf({ baseUrl: "nowhere" }) }), "INVALID_ARGUMENT"],
    ["a job without prompts", () => ({ job: { ...jobOf(), prompts: [] } }), "INVALID_ARGUMENT"],
    ["half a worker", () => ({ workers: 0.5 }), "INVALID_ARGUMENT"],
  ])("refuses %s", async (_, options, code) => {
    await expect(start(closed(2, { requests: 5 }), options()).result).rejects.toThrow(expect.objectContaining({ code }));
  });

  it("rejects with what onRecord rejects with", async () => {
    const onRecord = (): Promise<void> => Promise.reject(new Error("disk full"));
    await expect(start(closed(2, { requests: 50 }), { onRecord }).result).rejects.toThrow("disk full");
  });
});
