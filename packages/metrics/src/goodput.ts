import type { RequestFigures } from "./figures.ts";
import { shareInterval } from "./interval.ts";
import type { GoodputSummary } from "./report.ts";
import { createSloJudge, type Slo } from "./slo.ts";

/** Goodput, as requests come. */
export interface GoodputTally {
  /** Takes in a request, null where it was not answered, and says whether it met every SLO; null where that is not known. */
  add(figures: RequestFigures | null): boolean | null;
  /** `ratePerSecond` is what the window of the throughput gives. */
  summary(ratePerSecond: number | null): GoodputSummary;
}

/** Counts the requests that meet `slo`. */
export function createGoodputTally(slo: Slo): GoodputTally {
  const judge = createSloJudge(slo);
  let met = 0;
  let judged = 0;
  return {
    add(figures) {
      const good = figures === null ? false : judge(figures);
      if (good !== null) judged += 1;
      if (good === true) met += 1;
      return good;
    },
    summary: (ratePerSecond) => ({
      slo,
      met,
      judged,
      share: judged === 0 ? null : met / judged,
      interval: shareInterval(met, judged),
      ratePerSecond: judged === 0 ? null : ratePerSecond,
    }),
  };
}
