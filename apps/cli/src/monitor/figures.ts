import type { Clock, RequestRecord, Target } from "@lens/core";
import type { TargetState, TargetStatus } from "@lens/exporters";
import {
  type Collector,
  createCollector,
  e2eNs,
  isAnswered,
  outputTokensPerSecond,
  type PriceBook,
  type Report,
  ttftNs,
} from "@lens/metrics";
import { TOOL } from "../manifest.ts";
import { describeFailure } from "../verdict.ts";
import { createHistory, type HistoryBin } from "./history.ts";

/** How the last round of a target ended. Plain JSON. */
export type LastRound = NonNullable<TargetStatus["last"]>;

/** What outlives a restart. Plain JSON. */
export interface SavedFigures {
  readonly last: LastRound | null;
  readonly history: readonly HistoryBin[];
  readonly report: Report;
}

/** All that is known of one target. */
export interface TargetFigures {
  readonly target: Target;
  /** Takes in one probe. */
  add(record: RequestRecord): void;
  /** The probes since the last call were a round; null where none of them was sent. */
  endRound(): LastRound | null;
  last(): LastRound | null;
  /** Whether its last round was put off for want of money. */
  pause(paused: boolean): void;
  state(): TargetState;
  history(): readonly HistoryBin[];
  /** The report of this target alone. It takes some milliseconds to make. */
  report(): Report;
  /** What is to outlive a restart. It takes as long. */
  saved(): SavedFigures;
}

export interface FiguresOptions {
  readonly target: Target;
  readonly clock: Pick<Clock, "epochMs">;
  readonly priceBook: PriceBook;
  readonly before: SavedFigures | null;
}

/** A report's series has bins of a day: narrow ones would make it large, and long to write. The page has the last hours. */
const SERIES_BIN_NS = 24 * 3600e9;

/** Keeps the figures of one target. Throws `INVALID_ARGUMENT` for a saved report that is none of ours. */
export function createFigures({ target, clock, priceBook, before }: FiguresOptions): TargetFigures {
  const collector: Collector = createCollector({ maxGroups: 1, clock, priceBook, tool: TOOL, binNs: SERIES_BIN_NS });
  if (before !== null) collector.merge(before.report);
  const history = createHistory(before?.history);
  let last = before?.last ?? null;
  let round: RequestRecord[] = [];
  let paused = false;

  return {
    target,
    add(record) {
      collector.add(record);
      history.add(record);
      round.push(record);
    },
    endRound() {
      const records = round;
      round = [];
      const shown = records.findLast(isAnswered) ?? records.at(-1);
      if (shown === undefined) return null;
      const answered = records.filter(isAnswered).length;
      last = {
        endedAtMs: clock.epochMs(),
        sent: records.length,
        answered,
        outcome: shown.outcome.error?.code ?? shown.outcome.kind,
        message: answered > 0 ? null : describeFailure(shown.outcome.kind, shown.outcome.error),
        ttftNs: answered > 0 ? ttftNs(shown) : null,
        e2eNs: answered > 0 ? e2eNs(shown) : null,
        outputTokensPerSecond: answered > 0 ? outputTokensPerSecond(shown) : null,
        costUsd: priceBook.price(shown)?.totalUsd ?? null,
      };
      return last;
    },
    last: () => last,
    pause(next) {
      paused = next;
    },
    state: () => (paused ? "paused" : last === null ? "waiting" : last.answered > 0 ? "up" : "down"),
    history: history.bins,
    report: collector.report,
    saved: () => ({ last, history: history.bins(), report: collector.report() }),
  };
}
