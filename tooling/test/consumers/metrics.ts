import assert from "node:assert/strict";
import { createRecorder, type RequestRecord } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { type Report, summarize } from "@lens/metrics";

const clock = createVirtualClock();

function record(): RequestRecord {
  const recorder = createRecorder({ clock, target: { provider: "sim", model: "m", label: "sim:m", origin: "http://127.0.0.1" } });
  recorder.beginAttempt(0n);
  recorder.sent(0n);
  recorder.read(2_000n, 0);
  recorder.arrival(2_000n, { kind: "text", events: 1, chars: 5 });
  return recorder.finish(3_000n, { kind: "ok", finishReason: "stop", error: null });
}

const report: Report = summarize([record()], {
  tool: { name: "consumer", version: "1.0.0" },
  run: {
    startedAtMs: 0,
    durationNs: 3_000,
    mode: "closed",
    command: null,
    seed: null,
    options: {},
    versions: {},
    machine: null,
    interrupted: false,
    shards: null,
  },
});

assert.equal(report.groups[0]?.ttft?.maxNs, 2_000);
