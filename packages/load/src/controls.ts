import { setMaxListeners } from "node:events";
import type { Cancel, Clock } from "@lens/core";
import type { Board } from "./board.ts";

/** How a run is stopped. */
export interface Controls {
  /** Nothing is sent after it. */
  readonly stopSignal: AbortSignal;
  /** Breaks off what is in flight. */
  readonly abortSignal: AbortSignal;
  /** Stops the sending without breaking anything off. */
  stop(): void;
  /** Breaks all off at once. */
  abort(): void;
  /** Lets go of the caller's signals. */
  dispose(): void;
}

export interface ControlsOptions {
  readonly board: Board;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly abortSignal: AbortSignal | undefined;
  readonly graceNs: number;
}

/** Leads the caller's two signals to the run: the first stops the sending and gives what is in flight `graceNs`, the second breaks it off. */
export function createControls({ board, clock, signal, abortSignal, graceNs }: ControlsOptions): Controls {
  const stopping = new AbortController();
  const aborting = new AbortController();
  setMaxListeners(0, stopping.signal, aborting.signal);
  let cancelGrace: Cancel = () => undefined;

  function onStop(): void {
    board.stop("signal");
    stopping.abort();
    cancelGrace = clock.after(graceNs, () => aborting.abort());
  }

  function abort(): void {
    board.stop("signal");
    stopping.abort();
    aborting.abort();
  }

  if (abortSignal?.aborted === true) abort();
  else if (signal?.aborted === true) onStop();
  signal?.addEventListener("abort", onStop, { once: true });
  abortSignal?.addEventListener("abort", abort, { once: true });
  return {
    stopSignal: stopping.signal,
    abortSignal: aborting.signal,
    stop: () => stopping.abort(),
    abort,
    dispose() {
      cancelGrace();
      signal?.removeEventListener("abort", onStop);
      abortSignal?.removeEventListener("abort", abort);
    },
  };
}
