import type { Clock } from "@lens/core";

/** Money that is laid by for one probe until it is known what it cost. */
export interface Reservation {
  /** Null where that is not known: then all that was laid by counts as spent. */
  settle(costUsd: number | null): void;
}

/** What was spent on a UTC day. Plain JSON. */
export interface DaySpending {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly spentUsd: number;
}

/** What the probes of a UTC day may cost together. */
export interface DayBudget {
  /** Lays money by for a probe that costs so much at most; null where there is too little left of the day's. */
  reserve(mostUsd: number): Reservation | null;
  /** Changes the limit from now on; null lifts it. */
  limit(limitUsd: number | null): void;
  /** Null without a limit. */
  limitUsd(): number | null;
  /** Whether a probe was turned down today and none of them could be sent since. */
  exhausted(): boolean;
  spending(): DaySpending;
}

const MS_PER_DAY = 86_400_000;

/** Opens the budget, with what was spent already: before a restart, say. It counts where it was spent today. */
export function createDayBudget(clock: Pick<Clock, "epochMs">, before: DaySpending | null = null): DayBudget {
  const today = (): number => Math.floor(clock.epochMs() / MS_PER_DAY);
  let limitUsd: number | null = null;
  let day = today();
  let spentUsd = before?.day === day ? before.spentUsd : 0;
  let reservedUsd = 0;
  let exhausted = false;

  function turnDay(): void {
    if (today() === day) return;
    day = today();
    spentUsd = 0;
    exhausted = false;
  }

  return {
    reserve(mostUsd) {
      turnDay();
      exhausted = limitUsd !== null && spentUsd + reservedUsd + mostUsd > limitUsd;
      if (exhausted) return null;
      reservedUsd += mostUsd;
      return {
        settle(costUsd) {
          turnDay();
          reservedUsd -= mostUsd;
          spentUsd += costUsd ?? mostUsd;
        },
      };
    },
    limit(nextUsd) {
      limitUsd = nextUsd;
      exhausted = false;
    },
    limitUsd: () => limitUsd,
    exhausted() {
      turnDay();
      return exhausted;
    },
    spending() {
      turnDay();
      return { day, spentUsd };
    },
  };
}
