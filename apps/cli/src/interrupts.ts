import { EXIT_CODES } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** Listens for Ctrl-C and SIGTERM while there is something to end well. */
export interface Interrupts {
  /** Aborts at the first. */
  readonly signal: AbortSignal;
  stop(): void;
}

/** The first interrupt aborts the signal, so that what was measured can be written; a second one ends the process at once. */
export function watchInterrupts(io: Io, say = (text: string): Promise<void> => io.stderr.write(text)): Interrupts {
  const controller = new AbortController();
  const stop = io.onInterrupt(() => {
    if (controller.signal.aborted) return io.exitNow(EXIT_CODES.interrupted);
    controller.abort();
    void say("\nlens: interrupted; what is under way may end. Once more leaves at once.\n");
  });
  return { signal: controller.signal, stop };
}
