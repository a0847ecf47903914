import type { ArrivalKind, Attempt, RequestRecord, ServerTimings, Target, TokenUsage } from "@lens/core";
import {
  createHistogram,
  createPriceBook,
  judgeGate,
  type LoadSummary,
  parseGate,
  type Report,
  type ReportContext,
  type ResourceSummary,
  type RunManifest,
  type ScheduleSummary,
  summarize,
  type SummaryOptions,
  toDistribution,
} from "@lens/metrics";

const MS = 1_000_000;
/** 2026-11-23, 10:00 UTC. */
const STARTED_AT_MS = 1_795_428_000_000;

const RUN: RunManifest = {
  startedAtMs: STARTED_AT_MS,
  durationNs: 42_000_000_000,
  mode: "closed",
  command: "lens benchmark openai:gpt-6-sol -n 400",
  seed: null,
  options: { requests: 400, concurrency: 10, "think-time": null },
  versions: { node: "20.20.0" },
  machine: { platform: "linux", arch: "x64", cpu: "Example CPU", cores: 2 },
  interrupted: false,
  shards: null,
};

const TARGET: Target = { provider: "openai", model: "gpt-6-sol", label: "openai:gpt-6-sol", origin: "https://api.openai.com" };

const USAGE: TokenUsage = {
  inputTokens: 100,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  outputTokens: 6,
  reasoningTokens: null,
  raw: null,
};
const SILENT: ServerTimings = {
  queueMs: null,
  loadMs: null,
  promptMs: null,
  generationMs: null,
  totalMs: null,
  perTokenMs: null,
  ttftMs: null,
  processingMs: null,
};

interface Sample extends Partial<Omit<RequestRecord, "arrivals">> {
  /** When its chunks came, in milliseconds after the start. */
  readonly chunksMs?: readonly number[];
  readonly kinds?: readonly ArrivalKind[];
}

/** The `index`th request of a run: a TTFT from 200 ms up, and six chunks of text. */
export function request(index: number, { chunksMs, kinds = [], ...changes }: Sample = {}): RequestRecord {
  const firstMs = 200 + ((index * 37) % 101);
  const atNs = (chunksMs ?? [0, 1, 2, 3, 4, 5].map((chunk) => firstMs + chunk * (18 + (index % 5)))).map((ms) => Math.round(ms * MS));
  const attempt: Attempt = {
    startedNs: 0,
    sentNs: index % 10 === 0 ? 3 * MS : 0,
    reused: index % 10 !== 0,
    dnsNs: index % 10 === 0 ? 400_000 : null,
    connectNs: index % 10 === 0 ? 600_000 : null,
    tlsNs: index % 10 === 0 ? 1_900_000 : null,
    headersNs: (atNs[0] ?? 200 * MS) - MS,
    firstByteNs: (atNs[0] ?? 200 * MS) - MS / 2,
    status: 200,
    error: null,
  };
  return {
    schema: 1,
    id: `r${index}`,
    target: TARGET,
    phase: "measured",
    labels: {},
    startedAtMs: STARTED_AT_MS + index * 100,
    queuedNs: null,
    attempts: [attempt],
    arrivals: { atNs, kind: atNs.map((_, chunk) => kinds[chunk] ?? "text"), events: atNs.map(() => 1), chars: atNs.map(() => 4) },
    reasoningForm: "none",
    endNs: (atNs.at(-1) ?? 200 * MS) + MS,
    usage: USAGE,
    usageSource: "reported",
    server: null,
    reply: { model: "gpt-6-sol", requestId: null, serviceTier: null, costUsd: null, rateLimit: {} },
    outcome: { kind: "ok", finishReason: "stop", error: null },
    latenessNs: 100_000 + index * 500,
    ...changes,
  };
}

/** A request that was turned away. */
function turnedAway(index: number): RequestRecord {
  const error = {
    code: "RATE_LIMITED",
    message: "slow down",
    status: 429,
    providerType: null,
    retryable: true,
    retryAfterMs: 1000,
  } as const;
  const failed = request(index, { chunksMs: [], usage: null, usageSource: "none", outcome: { kind: "error", finishReason: null, error } });
  return {
    ...failed,
    reply: { ...failed.reply, model: null },
    attempts: failed.attempts.map((attempt) => ({ ...attempt, status: 429, error })),
  };
}

const priceBook = createPriceBook([
  {
    modelId: "gpt-6-sol",
    providers: null,
    rates: { inputPerMillionUsd: 2, cacheReadPerMillionUsd: 0.2, cacheWritePerMillionUsd: 2.5, outputPerMillionUsd: 10 },
    tiers: [],
    source: "genai-prices 0.1.8",
    asOf: "2026-09-23",
  },
]);

export function reportOf(
  records: readonly RequestRecord[],
  run: Partial<RunManifest> = {},
  more: Partial<Omit<ReportContext, "run" | "tool">> & Pick<SummaryOptions, "slo"> = {},
): Report {
  return summarize(records, { tool: { name: "llm-latency-lens", version: "0.1.0" }, run: { ...RUN, ...run }, priceBook, ...more });
}

const indices = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

const RESOURCES: ResourceSummary = {
  threads: 1,
  utilization: { mean: 0.214, max: 0.48 },
  gc: { count: 31, totalNs: 40 * MS, maxNs: 2.5 * MS },
  cpuNs: 9.1e9,
  cpuScope: "thread",
  rss: { startBytes: 70e6, maxBytes: 118e6, endBytes: 101e6 },
};

const CLOSED_LOAD: LoadSummary = { stoppedBy: "requests", sent: 410, lost: 0, workers: 1, crashes: [], schedule: null };

function scheduleOf(ratePerSecond: number): ScheduleSummary {
  const lag = createHistogram();
  for (const index of indices(200)) lag.record(20_000 + index * 1_000);
  return {
    sent: 200,
    due: { fromMs: STARTED_AT_MS, toMs: STARTED_AT_MS + 199_000 / ratePerSecond },
    started: { fromMs: STARTED_AT_MS, toMs: STARTED_AT_MS + 199_000 / (ratePerSecond * 0.9992) },
    targetRatePerSecond: ratePerSecond,
    deliveredRatePerSecond: ratePerSecond * 0.9992,
    sendLag: toDistribution(lag),
    waitedForSlot: 0,
    waitedForLimit: 0,
    waitedForRecords: 0,
  };
}

/** 400 requests in a closed loop, three of which were turned away, with a warm-up. */
export const CLOSED_LOOP = reportOf(
  [
    ...indices(10).map((index) => request(index, { phase: "warmup" })),
    ...indices(397).map((index) => request(index)),
    ...indices(3).map((index) => turnedAway(397 + index)),
  ],
  {},
  { loads: new Map([["openai:gpt-6-sol", { level: null, load: CLOSED_LOAD }]]), resources: RESOURCES },
);

/** An open loop with reasoning, retries, several tokens a chunk, a server that speaks for itself, and money by its own account. */
export const OPEN_LOOP = reportOf(
  indices(50).map((index) => {
    const plain = request(index, { queuedNs: index * 4 * MS, kinds: ["reasoning"], reasoningForm: "full" });
    return {
      ...plain,
      target: { provider: "openrouter", model: "some/model", label: "openrouter:some/model", origin: "https://openrouter.ai" },
      attempts: index === 7 ? [...plain.attempts, ...plain.attempts] : plain.attempts,
      usage: { ...USAGE, inputTokens: 1000, cacheReadTokens: 400, outputTokens: 20, reasoningTokens: 4 },
      server: { ...SILENT, queueMs: 1.5, promptMs: 180, generationMs: 90, perTokenMs: 4.5 },
      reply: {
        ...plain.reply,
        model: index < 40 ? "some/model" : "some/model-fallback",
        costUsd: 0.0001,
        rateLimit: { "x-ratelimit-limit-requests": "500", "x-ratelimit-remaining-requests": String(499 - index) },
      },
      latenessNs: index % 10 === 0 ? 5 * MS : 100_000,
    };
  }),
  { mode: "open", seed: 7, interrupted: true },
  {
    loads: new Map([
      [
        "openrouter:some/model",
        {
          level: null,
          load: {
            stoppedBy: "budget",
            sent: 54,
            lost: 4,
            workers: 2,
            crashes: [{ worker: 1, reason: "exit code 134", lost: 4 }],
            schedule: { ...scheduleOf(10), waitedForSlot: 3, waitedForLimit: 1 },
          },
        },
      ],
    ]),
    resources: { ...RESOURCES, threads: 2, cpuScope: "process" },
  },
);

/** Four levels of requests per second, the last of which is too much; they came in another order. */
export const SWEEP = reportOf(
  [4, 1, 2, 8].flatMap((rate) =>
    indices(rate * 30).map((index) => {
      const label = `${TARGET.label} @ ${rate}`;
      const chunksMs = [0, 20, 40].map((ms) => ms + 200 * rate + index);
      const plain = rate === 8 && index % 20 === 0 ? turnedAway(index) : request(index, { chunksMs, queuedNs: 0 });
      return { ...plain, target: { ...TARGET, label }, startedAtMs: STARTED_AT_MS + (index * 1000) / rate };
    }),
  ),
  { mode: "open", seed: 1 },
  {
    loads: new Map(
      [1, 2, 4, 8].map((value) => [
        `${TARGET.label} @ ${value}`,
        { level: { kind: "rate", value }, load: { ...CLOSED_LOAD, sent: value * 30, schedule: scheduleOf(value) } },
      ]),
    ),
    resources: RESOURCES,
    sweeps: [{ label: TARGET.label, kind: "rate", knee: 2, endedEarly: true }],
    searches: [
      {
        label: TARGET.label,
        kind: "rate",
        thresholds: ["ttft p95 < 1s"],
        status: "found",
        highestMet: 4,
        lowestMissed: 8,
        verdict: "`ttft p95 < 1s` holds up to 4 requests/s, and at 8 requests/s no more.",
        probes: [
          { level: 4, met: true, certain: true, growing: false, reasons: ["p95 is 913 ms (898 ms to 955 ms at 95 % confidence)"] },
          { level: 8, met: false, certain: true, growing: true, reasons: ["p95 is 1.83 s (1.80 s to 1.90 s at 95 % confidence)"] },
          { level: 1, met: true, certain: true, growing: false, reasons: ["p95 is 228 ms"] },
        ],
      },
    ],
  },
);

/** A minute in which the TTFT rises by half, and from 45 s on every third request is turned away; the provider names its own price. */
export const DRIFTING = reportOf(
  indices(600).map((index) => {
    const startedAtMs = STARTED_AT_MS + index * 100;
    if (index >= 450 && index % 3 === 0) return { ...turnedAway(index), startedAtMs };
    const firstMs = (200 + ((index * 37) % 101)) * (1 + index / 1200);
    const plain = request(index, { startedAtMs, chunksMs: [0, 20, 40, 60].map((ms) => firstMs + ms) });
    return { ...plain, reply: { ...plain.reply, costUsd: 0.00029 }, usage: { ...USAGE, cacheReadTokens: 60, reasoningTokens: 2 } };
  }),
  {},
  { slo: { ttftNs: 300 * MS, e2eNs: 1000 * MS } },
);

/** One request, as `profile` makes it. */
export const SINGLE = reportOf([request(0, { usage: null, usageSource: "none", latenessNs: null })], { mode: "single", machine: null });

/** Every request was turned away. */
export const ALL_FAILED = reportOf(indices(5).map((index) => turnedAway(index)));

/** A run that recorded nothing. */
export const EMPTY = reportOf([]);

/** Names made to harm: a screen is cleared, a line is reversed, and none of them ends. */
const HOSTILE_NAME = `\u001b[2J\u001b]0;owned\u0007\u202egnp.exe\r\n\u009b31m${"模型".repeat(100)}${"x".repeat(10_000)}`;

export const HOSTILE = reportOf(
  [
    request(0, {
      target: { provider: "x", model: HOSTILE_NAME, label: HOSTILE_NAME, origin: `https://${HOSTILE_NAME}` },
      reply: { model: `${HOSTILE_NAME}2`, requestId: null, serviceTier: null, costUsd: null, rateLimit: {} },
    }),
  ],
  { versions: { [HOSTILE_NAME]: HOSTILE_NAME }, machine: { platform: "linux", arch: "x64", cpu: HOSTILE_NAME, cores: 2 } },
  { notes: [HOSTILE_NAME], loads: hostileLoads() },
);

function hostileLoads(): NonNullable<ReportContext["loads"]> {
  const crashes = [{ worker: 0, reason: HOSTILE_NAME, lost: 1 }];
  return new Map([[HOSTILE_NAME, { level: null, load: { ...CLOSED_LOAD, stoppedBy: "crash", lost: 1, crashes } }]]);
}

const THRESHOLDS = [
  "ttft p95 < 800ms",
  "error rate < 1%",
  "ttft p50 < 240ms",
  "e2e p99.9 < 2s",
  "response.ttft p95 < 1s",
  "vs main: ttft p95 < +10%",
];

/** The closed loop, held against thresholds: met, met by a hair, breached, beyond its sample, not known, and relative to another run. */
export const GATED: Report = {
  ...CLOSED_LOOP,
  thresholds: CLOSED_LOOP.groups.flatMap((group) =>
    THRESHOLDS.map((text) => judgeGate(parseGate(text), group, new Map([["main", OPEN_LOOP]]))),
  ),
};
