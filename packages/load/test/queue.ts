import { createRandom, type Random, type RequestRecord } from "@lens/core";
import type { LoadKind, Probe, ProbeRequest, Span } from "../src/index.ts";

/** A server with so many slots, first come, first served. The first token comes after a fifth of the service. */
export interface Queue {
  readonly slots: number;
  readonly serviceMs: (random: Random) => number;
  /** Of rates: `poisson` unless given. */
  readonly arrivals?: "constant" | "poisson";
  /** Whether the n-th request fails, after its service. */
  readonly fails?: (index: number) => boolean;
}

interface Passage {
  readonly phase: RequestRecord["phase"];
  readonly dueMs: number;
  readonly serviceStartMs: number;
  readonly serviceMs: number;
}

const FIRST_TOKEN_SHARE = 0.2;

/** When each slot is free again. Takes requests in the order in which they come. */
function createServer(slots: number) {
  const freeMs = Array<number>(slots).fill(0);
  return (arrivalMs: number, serviceMs: number): number => {
    const earliest = freeMs.indexOf(Math.min(...freeMs));
    const startMs = Math.max(arrivalMs, freeMs[earliest] ?? 0);
    freeMs[earliest] = startMs + serviceMs;
    return startMs;
  };
}

const isOver = (span: Span, sent: number, elapsedMs: number): boolean =>
  "requests" in span ? sent >= span.requests : elapsedMs * 1e6 >= span.durationNs;

/** Which phase the next request belongs to, as the load engine counts them; null when all are over. */
function createPhases({ warmup, span, drain }: ProbeRequest) {
  const stretches = [
    { phase: "warmup", limit: warmup },
    { phase: "measured", limit: span },
    { phase: "drain", limit: drain },
  ] as const;
  let current = 0;
  let sent = 0;
  let fromMs = 0;
  return (nowMs: number): RequestRecord["phase"] | null => {
    for (; current < stretches.length; current += 1, sent = 0, fromMs = nowMs) {
      const stretch = stretches[current];
      if (stretch === undefined || isOver(stretch.limit, sent, nowMs - fromMs)) continue;
      sent += 1;
      return stretch.phase;
    }
    return null;
  };
}

function openLoop(queue: Queue, request: ProbeRequest, random: Random): Passage[] {
  const serve = createServer(queue.slots);
  const nextPhase = createPhases(request);
  const passages: Passage[] = [];
  const gapMs = 1000 / request.level;
  for (let dueMs = 0; ; dueMs += queue.arrivals === "constant" ? gapMs : -gapMs * Math.log(1 - random.uniform())) {
    const phase = nextPhase(dueMs);
    if (phase === null) return passages;
    const serviceMs = queue.serviceMs(random);
    passages.push({ phase, dueMs, serviceStartMs: serve(dueMs, serviceMs), serviceMs });
  }
}

function closedLoop(queue: Queue, request: ProbeRequest, random: Random): Passage[] {
  const serve = createServer(queue.slots);
  const nextPhase = createPhases(request);
  const passages: Passage[] = [];
  const readyMs = Array<number>(request.level).fill(0);
  for (;;) {
    const dueMs = Math.min(...readyMs);
    const phase = nextPhase(dueMs);
    if (phase === null) return passages;
    const serviceMs = queue.serviceMs(random);
    const serviceStartMs = serve(dueMs, serviceMs);
    readyMs[readyMs.indexOf(dueMs)] = serviceStartMs + serviceMs;
    passages.push({ phase, dueMs, serviceStartMs, serviceMs });
  }
}

/** A request on a time line that begins at `epochMs`. */
export interface Marks {
  readonly index: number;
  readonly phase: RequestRecord["phase"];
  readonly dueMs: number;
  readonly firstMs: number;
  readonly endMs: number;
  readonly failed: boolean;
  /** Whether it was due at a time, as in an open loop. */
  readonly open: boolean;
  readonly epochMs?: number;
}

/** The record of a request that was sent when it was due. */
export function toRecord({ index, phase, dueMs, firstMs, endMs, failed, open, epochMs = 0 }: Marks): RequestRecord {
  const firstNs = Math.round((firstMs - dueMs) * 1e6);
  const error = { code: "SERVER_ERROR", message: "no", status: 500, providerType: null, retryable: false, retryAfterMs: null } as const;
  const phases = { dnsNs: null, connectNs: null, tlsNs: null, headersNs: 0, firstByteNs: firstNs };
  return {
    schema: 1,
    id: `r${index}`,
    target: { provider: "sim", model: "queue", label: "sim:queue", origin: null },
    phase,
    labels: {},
    startedAtMs: epochMs + dueMs,
    queuedNs: open ? 0 : null,
    attempts: [{ startedNs: 0, sentNs: 0, reused: true, ...phases, status: failed ? 500 : 200, error: failed ? error : null }],
    arrivals: failed ? { atNs: [], kind: [], events: [], chars: [] } : { atNs: [firstNs], kind: ["text"], events: [1], chars: [4] },
    reasoningForm: "none",
    endNs: Math.round((endMs - dueMs) * 1e6),
    usage: null,
    usageSource: "none",
    server: null,
    reply: { model: null, requestId: null, serviceTier: null, costUsd: null, rateLimit: {} },
    outcome: failed ? { kind: "error", finishReason: null, error } : { kind: "ok", finishReason: "stop", error: null },
    latenessNs: null,
  };
}

/** What a probe was asked for, and how many records it could hand over before it was stopped. */
export interface Seen {
  readonly request: ProbeRequest;
  readonly records: number;
}

/** Probes a queue in no time. */
export function probeQueue(queue: Queue, kind: LoadKind, seed: number): { readonly probe: Probe; readonly seen: readonly Seen[] } {
  const seen: Seen[] = [];
  let epochMs = 1_795_428_000_000;
  const probe: Probe = async (request) => {
    const random = createRandom(seed, seen.length);
    const passages = kind === "rate" ? openLoop(queue, request, random) : closedLoop(queue, request, random);
    const records = passages
      .map(({ phase, dueMs, serviceStartMs, serviceMs }, index) => {
        const firstMs = serviceStartMs + FIRST_TOKEN_SHARE * serviceMs;
        const failed = queue.fails?.(index) === true;
        return { index, phase, dueMs, firstMs, endMs: serviceStartMs + serviceMs, failed, open: kind === "rate", epochMs };
      })
      .toSorted((a, b) => a.endMs - b.endMs);
    const handedOver = records.filter((marks) => {
      if (!request.signal.aborted) request.onRecord(toRecord(marks));
      return !request.signal.aborted;
    });
    epochMs += (records.at(-1)?.endMs ?? 0) + 1000;
    seen.push({ request, records: handedOver.length });
  };
  return { probe, seen };
}

/**
 * The percentile of the time to first token of a queue under a load that lasts: by simulation too, but of 50,000 requests, and by a
 * plain recursion over its slots.
 */
export function stationaryTtftMs(queue: Queue, kind: LoadKind, level: number, percentile: number): number {
  const count = 50_000;
  const span = { requests: count };
  const request = { level, span, warmup: { requests: count / 10 }, drain: { requests: 1 } } as ProbeRequest;
  const random = createRandom(1000, 0);
  const ttftsMs = (kind === "rate" ? openLoop(queue, request, random) : closedLoop(queue, request, random))
    .filter(({ phase }) => phase === "measured")
    .map(({ dueMs, serviceStartMs, serviceMs }) => serviceStartMs + FIRST_TOKEN_SHARE * serviceMs - dueMs)
    .toSorted((a, b) => a - b);
  return ttftsMs[Math.ceil((count * percentile) / 100) - 1] ?? Number.NaN;
}
