import { parseRecord, type RequestRecord } from "@lens/core";
import { type Report, type RunManifest, summarize } from "@lens/metrics";

const MS = 1_000_000;
/** 2026-11-23, 10:00 UTC. */
export const STARTED_AT_MS = 1_795_428_000_000;

/** The `index`th of a run's requests, 100 ms after the one before: four tokens after 200 ms and more. */
export function recordOf(index: number): RequestRecord {
  const atNs = [0, 20, 40, 60].map((ms) => (200 + ((index * 37) % 101) + ms) * MS);
  return parseRecord({
    schema: 1,
    id: `r${index}`,
    target: { provider: "sim", model: "sim", label: "sim", origin: "http://127.0.0.1:8765" },
    phase: "measured",
    startedAtMs: STARTED_AT_MS + index * 100,
    attempts: [{ startedNs: 0, sentNs: 0, reused: true, firstByteNs: atNs[0], status: 200 }],
    arrivals: { atNs, kind: atNs.map(() => "text"), events: atNs.map(() => 1), chars: atNs.map(() => 4) },
    reasoningForm: "none",
    endNs: (atNs.at(-1) ?? 0) + MS,
    usage: { inputTokens: 10, outputTokens: 4 },
    usageSource: "reported",
    outcome: { kind: "ok", finishReason: "stop" },
    latenessNs: 50_000,
  });
}

/** The report of so many requests, every `of`th from `first` on, as one of several processes sends them. */
export function reportOf({
  requests,
  first = 0,
  of = 1,
  run = {},
}: {
  readonly requests: number;
  readonly first?: number;
  readonly of?: number;
  readonly run?: Partial<RunManifest>;
}): Report {
  const records = Array.from({ length: requests }, (_, index) => recordOf(first + index * of));
  return summarize(records, {
    tool: { name: "llm-latency-lens", version: "0.1.0" },
    run: {
      startedAtMs: STARTED_AT_MS,
      durationNs: 10_000 * MS,
      mode: "closed",
      command: "lens benchmark sim",
      seed: null,
      options: { requests: 100, concurrency: 10 },
      versions: { lens: "0.1.0", node: "20.20.0" },
      machine: { platform: "linux", arch: "x64", cpu: "Example CPU", cores: 2 },
      interrupted: false,
      shards: null,
      ...run,
    },
  });
}
