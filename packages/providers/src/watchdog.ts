import { type Cancel, type Clock, type ErrorCode, formatDuration, LensError } from "@lens/core";

/** How long to wait for what, in nanoseconds. */
export interface Timeouts {
  /** From the start of a try to a connection that can be written to. */
  readonly connectNs: number;
  /** From the request's first byte to the body's first byte. */
  readonly firstByteNs: number;
  /** From one content arrival (or the body's first byte) to the next: comments, pings and empty events do not count. */
  readonly idleNs: number;
  /** From the start of a try to the end of its answer. */
  readonly totalNs: number;
}

/** Generous enough for models that think in silence for minutes. */
export const DEFAULT_TIMEOUTS: Timeouts = { connectNs: 10e9, firstByteNs: 300e9, idleNs: 300e9, totalNs: 600e9 };

/** Watches the time-outs of one try. */
export interface Watchdog {
  connected(atNs: bigint): void;
  firstByte(atNs: bigint): void;
  content(atNs: bigint): void;
  stop(): void;
}

interface Deadline {
  readonly atNs: bigint;
  readonly code: ErrorCode;
  readonly limitNs: number;
  readonly waitedFor: string;
}

/** Starts the watch; `onExpire` is called once, unless it is stopped before. Content only notes an instant: no timer is touched per token. */
export function createWatchdog(clock: Clock, timeouts: Timeouts, onExpire: (error: LensError, atNs: bigint) => void): Watchdog {
  const startNs = clock.nowNs();
  let stage: "connect" | "firstByte" | "idle" = "connect";
  let stageNs = startNs;
  let cancel: Cancel = () => undefined;
  /** When the timer rings; null where none is set. */
  let armedNs: bigint | null = null;

  function stageDeadline(): Deadline {
    const deadline = (code: ErrorCode, limitNs: number, waitedFor: string): Deadline => ({
      atNs: stageNs + BigInt(limitNs),
      code,
      limitNs,
      waitedFor,
    });
    switch (stage) {
      case "connect":
        return deadline("CONNECT_TIMEOUT", timeouts.connectNs, "a connection");
      case "firstByte":
        return deadline("FIRST_BYTE_TIMEOUT", timeouts.firstByteNs, "the first byte of an answer");
      case "idle":
        return deadline("IDLE_TIMEOUT", timeouts.idleNs, "further content");
    }
  }

  function nextDeadline(): Deadline {
    const total: Deadline = {
      atNs: startNs + BigInt(timeouts.totalNs),
      code: "TOTAL_TIMEOUT",
      limitNs: timeouts.totalNs,
      waitedFor: "the end of the answer",
    };
    const staged = stageDeadline();
    return staged.atNs < total.atNs ? staged : total;
  }

  /** A timer that rings before its time is only set anew: to move it at every stage costs more than that. */
  function arm(): void {
    const { atNs } = nextDeadline();
    if (armedNs !== null && armedNs <= atNs) return;
    cancel();
    armedNs = atNs;
    cancel = clock.after(Math.max(0, Number(atNs - clock.nowNs())), () => {
      armedNs = null;
      const nowNs = clock.nowNs();
      const due = nextDeadline();
      if (due.atNs > nowNs) return arm();
      onExpire(
        new LensError(due.code, `Waited ${formatDuration(due.limitNs)} for ${due.waitedFor}, and none came.`, {
          retryable: due.code === "CONNECT_TIMEOUT",
        }),
        nowNs,
      );
    });
  }

  const enter = (next: typeof stage, atNs: bigint): void => {
    stage = next;
    stageNs = atNs;
    arm();
  };
  arm();
  return {
    connected: (atNs) => enter("firstByte", atNs),
    firstByte: (atNs) => enter("idle", atNs),
    content(atNs) {
      stageNs = atNs;
    },
    stop: () => cancel(),
  };
}
