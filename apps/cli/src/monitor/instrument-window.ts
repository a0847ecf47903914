import type { RequestRecord } from "@lens/core";
import { isClientLimited, isTainted } from "@lens/metrics";

/** How the instrument itself did lately. */
export interface InstrumentWindow {
  add(record: RequestRecord): void;
  /** Whether this machine spoilt the figures of the last minutes; null where there are none to judge by. */
  clientLimited(nowMs: number): boolean | null;
}

const WINDOW_MS = 15 * 60_000;
/** How finely the window moves on. */
const STEP_MS = 60_000;

/** Starts a window of a quarter of an hour. */
export function createInstrumentWindow(): InstrumentWindow {
  const steps = new Map<number, { compared: number; tainted: number }>();
  const forget = (nowMs: number): void => {
    for (const fromMs of steps.keys()) if (fromMs <= nowMs - WINDOW_MS) steps.delete(fromMs);
  };
  return {
    add(record) {
      const tainted = isTainted(record);
      if (tainted === null) return;
      const fromMs = Math.floor(record.startedAtMs / STEP_MS) * STEP_MS;
      const step = steps.get(fromMs) ?? { compared: 0, tainted: 0 };
      step.compared += 1;
      step.tainted += Number(tainted);
      steps.set(fromMs, step);
      forget(record.startedAtMs);
    },
    clientLimited(nowMs) {
      forget(nowMs);
      let [compared, tainted] = [0, 0];
      for (const step of steps.values()) {
        compared += step.compared;
        tainted += step.tainted;
      }
      return compared === 0 ? null : isClientLimited(tainted, compared);
    },
  };
}
