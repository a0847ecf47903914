import { createRecorder } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, it } from "vitest";
import { createBoardMemory, openBoard } from "../src/board.ts";
import { resolvePlan } from "../src/resolve-plan.ts";
import { openPart } from "../src/run-part.ts";
import { createTurnstile } from "../src/worker-turnstile.ts";

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("a turnstile", () => {
  it("lets so many through at once, and as many in each turn of the event loop, in the order in which they came", async () => {
    const begin = createTurnstile(2);
    const passed: number[] = [];
    const callers = [0, 1, 2, 3, 4].map(async (caller) => {
      await begin();
      passed.push(caller);
    });
    await Promise.resolve();
    expect(passed).toEqual([0, 1]);
    await turn();
    expect(passed).toEqual([0, 1, 2, 3]);
    await turn();
    expect(passed).toEqual([0, 1, 2, 3, 4]);
    await Promise.all(callers);
  });

  it("lets nobody past those who wait", async () => {
    const begin = createTurnstile(1);
    expect(begin()).toBeUndefined();
    const second = begin();
    await turn();
    expect(begin()).toBeInstanceOf(Promise);
    await second;
  });

  it("makes nobody wait who comes in a later turn", async () => {
    const begin = createTurnstile(1);
    for (let caller = 0; caller < 3; caller += 1) {
      expect(begin()).toBeUndefined();
      await turn();
      await turn();
    }
  });
});

describe("a closed loop", () => {
  it("takes no request before it may begin", async () => {
    const clock = createVirtualClock();
    const plan = resolvePlan({ load: { mode: "closed", concurrency: 3 }, requests: 3, warmup: null });
    const board = openBoard(createBoardMemory(1, 1), plan);
    const part = await openPart(plan, plan.shard);
    const letIn: (() => void)[] = [];
    const sent: number[] = [];
    const { signal } = new AbortController();
    const run = part.run({
      worker: 0,
      board,
      clock,
      startNs: clock.nowNs(),
      maxCostUsd: null,
      sendLog: null,
      begin: () => new Promise((resolve) => void letIn.push(resolve)),
      async send({ index, id, phase }) {
        sent.push(index);
        const recorder = createRecorder({ clock, id, phase, target: { provider: "p", model: "m", label: "p:m", origin: null } });
        return recorder.finish(clock.nowNs(), { kind: "ok", finishReason: null, error: null });
      },
      onRecord: () => undefined,
      stopSignal: signal,
      abortSignal: signal,
      onStop: () => undefined,
    });
    await turn();
    expect({ waiting: letIn.length, sent }).toEqual({ waiting: 3, sent: [] });
    letIn.shift()?.();
    await turn();
    expect({ waiting: letIn.length, sent }).toEqual({ waiting: 3, sent: [0] });
    while (letIn.length > 0) {
      letIn.shift()?.();
      await turn();
    }
    await run;
    expect(sent).toEqual([0, 1, 2]);
  });
});
