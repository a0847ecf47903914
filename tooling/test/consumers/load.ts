import assert from "node:assert/strict";
import { createRecorder } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { runLoad } from "@lens/load";

const clock = createVirtualClock();
const ids: string[] = [];

async function main(): Promise<void> {
  const result = await runLoad({
    plan: { load: { mode: "closed", concurrency: 2 }, requests: 4, warmup: null },
    clock,
    send: async ({ id }) => {
      const recorder = createRecorder({ clock, id, target: { provider: "sim", model: "m", label: "sim:m", origin: "http://127.0.0.1" } });
      await clock.sleepUntil(clock.nowNs() + 1_000n);
      return recorder.finish(clock.nowNs(), { kind: "ok", finishReason: "stop", error: null });
    },
    onRecord: (record) => {
      ids.push(record.id);
    },
  });
  assert.equal(result.sent, 4);
  assert.equal(result.durationNs, 2_000);
  assert.equal(ids.length, 4);
}

void main();
