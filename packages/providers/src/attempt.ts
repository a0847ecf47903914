import { type Cancel, type Clock, LensError, type Recorder } from "@lens/core";
import type { Delta, HttpRequest, ProviderAdapter } from "./adapter.ts";
import { type Conclusion, createAnswerReader } from "./answer.ts";
import type { Transport, TransportObserver } from "./transport.ts";
import { createWatchdog, type Timeouts } from "./watchdog.ts";

/** What one try at a request needs. */
export interface AttemptOptions {
  readonly adapter: ProviderAdapter;
  readonly request: HttpRequest;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly timeouts: Timeouts;
  readonly signal: AbortSignal | null;
  readonly onDelta: ((delta: Delta, atNs: bigint) => void) | null;
}

/** How a try ended, and when. */
export interface AttemptResult extends Conclusion {
  readonly endNs: bigint;
  /** Whether a byte of a good answer's body came: from there on nothing may be sent again. */
  readonly begun: boolean;
}

/** After the protocol's own end mark, how long to wait for the body to close, so that the connection can be used again. */
const CLOSE_GRACE_NS = 500e6;

/** Sends the request once and reads the answer to its end. Resolves for all that the world does; rejects for a bug. */
export function runAttempt(options: AttemptOptions): Promise<AttemptResult> {
  const { adapter, request, transport, clock, recorder, timeouts, signal, onDelta } = options;
  return new Promise((resolve, reject) => {
    const reader = createAnswerReader({ adapter, recorder, onDelta });
    let arrivals = 0;
    let anyByte = false;
    let good = false;
    let cancelGrace: Cancel | null = null;
    let cancelSend: Cancel = () => undefined;

    recorder.beginAttempt(clock.nowNs());
    const watchdog = createWatchdog(clock, timeouts, breakOff);

    function tidy(): void {
      watchdog.stop();
      cancelGrace?.();
      signal?.removeEventListener("abort", onAbort);
    }

    function settle(conclusion: Conclusion, endNs: bigint): void {
      tidy();
      if (conclusion.error !== null) recorder.failAttempt(conclusion.error);
      resolve({ ...conclusion, endNs: reader.endedNs() ?? endNs, begun: good && anyByte });
    }

    function breakOff(error: LensError, atNs: bigint): void {
      cancelSend();
      settle(reader.breakOff(error), atNs);
    }

    function onAbort(): void {
      breakOff(new LensError("ABORTED", "The request was broken off from our side."), clock.nowNs());
    }

    /** Runs a step; what it throws as data ends the try, and a bug or misuse must not hide as data. */
    function step(atNs: bigint, work: () => void): void {
      try {
        work();
      } catch (error) {
        if (error instanceof LensError && error.code !== "INVALID_ARGUMENT") return breakOff(error, atNs);
        cancelSend();
        tidy();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    }

    function afterRead(atNs: bigint): void {
      const count = recorder.arrivalCount();
      if (count !== arrivals) watchdog.content(atNs);
      arrivals = count;
      const failure = reader.failure();
      if (failure !== null) breakOff(failure, atNs);
      else if (reader.endedNs() !== null) {
        cancelGrace ??= clock.after(CLOSE_GRACE_NS, () => {
          cancelSend();
          settle(reader.conclude(), clock.nowNs());
        });
      }
    }

    if (signal?.aborted === true) return onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    const observer: TransportObserver = {
      connection: (phases) => recorder.connection(phases),
      sent(atNs) {
        recorder.sent(atNs);
        watchdog.connected(atNs);
      },
      headers: (status, headers, atNs) =>
        step(atNs, () => {
          recorder.headers(atNs, status);
          good = status >= 200 && status <= 299;
          reader.open(status, headers, clock.epochMs());
        }),
      bytes: (chunk, atNs, latenessNs) =>
        step(atNs, () => {
          recorder.read(atNs, latenessNs);
          if (!anyByte) watchdog.firstByte(atNs);
          anyByte = true;
          reader.read(chunk, atNs);
          afterRead(atNs);
        }),
      end: (atNs) => step(atNs, () => settle(reader.close(), atNs)),
      error: (error, atNs) => settle(reader.breakOff(error), atNs),
    };
    step(clock.nowNs(), () => {
      cancelSend = transport.send(request, observer);
    });
  });
}
