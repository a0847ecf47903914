import type { Clock } from "@lens/core";
import type { Schedule } from "./schedule.ts";

/** Why a round that was due was not sent: the one before was still under way, or its time had passed unnoticed. */
export type MissedBy = "busy" | "missed";

/** The rounds of one target, each at its time whatever becomes of those before, and of those of other targets. */
export interface TargetLoop {
  readonly schedule: Schedule;
  /** Begins no more rounds. */
  stop(): void;
}

export interface TargetLoopOptions {
  readonly clock: Clock;
  readonly schedule: Schedule;
  /** Sends a round. The next one is due at `nextDueNs`. */
  readonly round: (nextDueNs: bigint) => Promise<void>;
  /** Hears how late each round is sent. */
  readonly onSend: (lateNs: number) => void;
  readonly onMiss: (by: MissedBy, rounds: number) => void;
  /** Hears of what a round throws, which is a bug. */
  readonly onCrash: (error: unknown) => void;
}

/** Starts the rounds of a target. */
export function startTargetLoop({ clock, schedule, round, onSend, onMiss, onCrash }: TargetLoopOptions): TargetLoop {
  const stopping = new AbortController();
  let underWay = false;

  async function send(slot: number): Promise<void> {
    underWay = true;
    await round(schedule.dueNs(slot + 1));
    underWay = false;
  }

  async function run(): Promise<void> {
    for (let slot = 0; ; slot += 1) {
      await clock.sleepUntil(schedule.dueNs(slot), stopping.signal);
      if (stopping.signal.aborted) return;
      const nowNs = clock.nowNs();
      const current = schedule.slotAt(nowNs);
      // The machine slept, or this process stood still.
      if (current > slot) {
        onMiss("missed", current - slot);
        slot = current - 1;
      } else if (underWay) onMiss("busy", 1);
      else {
        onSend(Number(nowNs - schedule.dueNs(slot)));
        send(slot).catch(onCrash);
      }
    }
  }

  run().catch(onCrash);
  return { schedule, stop: () => stopping.abort() };
}
