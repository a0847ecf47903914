import { createRecorder, type ErrorInfo, type RequestRecord, type TokenUsage } from "@lens/core";
import type { VirtualClock } from "@lens/core/testing";
import type { Ticket } from "../src/index.ts";

export const MS = 1e6;
export const S = 1e9;

/** What a virtual server does. */
export interface VirtualServerOptions {
  /** Requests served at once; the others wait in line. Any number unless given. */
  readonly slots?: number;
  /** How long a request takes; where that differs, by whom it asks and when it comes. */
  readonly serviceNs: number | ((target: number, nowNs: number) => number);
  /** The error that a request ends in, by its place in the order of arrival. */
  readonly failure?: (arrived: number) => ErrorInfo | null;
  readonly usage?: Partial<TokenUsage>;
}

/** One request, as the server saw it. Instants are nanoseconds of the clock. */
export interface Seen {
  readonly index: number;
  readonly phase: string;
  readonly target: number;
  readonly turn: number;
  readonly atNs: number;
}

export const rateLimited = (retryAfterMs: number | null): ErrorInfo => ({
  code: "RATE_LIMITED",
  message: "Too many.",
  status: 429,
  providerType: null,
  retryable: true,
  retryAfterMs,
});

/** A server on a virtual clock that sends one token when a request is done, and what sends requests to it. */
export function createVirtualServer(
  clock: VirtualClock,
  { slots = Number.POSITIVE_INFINITY, serviceNs, failure, usage }: VirtualServerOptions,
) {
  const seen: Seen[] = [];
  const line: (() => void)[] = [];
  let free = slots;
  let inFlight = 0;
  let mostInFlight = 0;

  async function send(ticket: Ticket): Promise<RequestRecord> {
    const { id, phase, dueNs, signal } = ticket;
    const error = failure?.(seen.length) ?? null;
    seen.push({ index: ticket.index, phase, target: ticket.target, turn: ticket.turn, atNs: Number(clock.nowNs()) });
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    const target = { provider: "p", model: "m", label: `p:m${ticket.target === 0 ? "" : ticket.target}`, origin: null };
    const recorder = createRecorder({ clock, id, phase, target, ...(dueNs === null ? {} : { dueNs }) });
    recorder.beginAttempt(recorder.startNs);
    recorder.sent(recorder.startNs);
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => void line.push(resolve));
    await clock.sleepUntil(
      clock.nowNs() + BigInt(typeof serviceNs === "number" ? serviceNs : serviceNs(ticket.target, Number(clock.nowNs()))),
      signal,
    );
    const next = line.shift();
    if (next === undefined) free += 1;
    else next();
    inFlight -= 1;
    const nowNs = clock.nowNs();
    if (signal.aborted)
      return recorder.finish(nowNs, {
        kind: "aborted",
        finishReason: null,
        error: { ...rateLimited(null), code: "ABORTED", status: null },
      });
    if (error !== null) return recorder.finish(nowNs, { kind: "error", finishReason: null, error });
    recorder.arrival(nowNs, { kind: "text", events: 1, chars: 1 });
    if (usage !== undefined) recorder.usage(usage);
    return recorder.finish(nowNs, { kind: "ok", finishReason: null, error: null });
  }

  return { send, seen, mostInFlight: () => mostInFlight };
}

/** A signal that aborts so long after the clock's present. */
export function abortAfter(clock: VirtualClock, delayNs: number): AbortSignal {
  const controller = new AbortController();
  clock.after(delayNs, () => controller.abort());
  return controller.signal;
}
