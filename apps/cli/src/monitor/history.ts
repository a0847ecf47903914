import type { RequestRecord } from "@lens/core";
import { isAnswered, ttftNs } from "@lens/metrics";

/** What a target did in a short stretch of time. Plain JSON. */
export interface HistoryBin {
  /** Wall time at which the stretch begins. */
  readonly fromMs: number;
  readonly requests: number;
  readonly answered: number;
  /** Answered requests with a first token, and the sum and the longest of their TTFT. */
  readonly timed: number;
  readonly ttftSumNs: number;
  readonly ttftMaxNs: number;
}

/** The last hours of a target, in memory that does not grow. */
export interface History {
  add(record: RequestRecord): void;
  /** The stretches in which there were requests, oldest first. */
  bins(): readonly HistoryBin[];
}

/** How long a stretch is, and how many are kept: six hours. */
export const HISTORY_BIN_MS = 120_000;
export const HISTORY_BINS = 180;

const emptyBin = (fromMs: number): HistoryBin => ({ fromMs, requests: 0, answered: 0, timed: 0, ttftSumNs: 0, ttftMaxNs: 0 });

/** Starts a history, with what was kept of the time before. */
export function createHistory(before: readonly HistoryBin[] = []): History {
  const bins = [...before];
  return {
    add(record) {
      const fromMs = Math.floor(record.startedAtMs / HISTORY_BIN_MS) * HISTORY_BIN_MS;
      let index = bins.findLastIndex((bin) => bin.fromMs === fromMs);
      if (index === -1) index = bins.push(emptyBin(fromMs)) - 1;
      const bin = bins[index] ?? emptyBin(fromMs);
      const answered = isAnswered(record);
      const durationNs = answered ? ttftNs(record) : null;
      bins[index] = {
        fromMs,
        requests: bin.requests + 1,
        answered: bin.answered + Number(answered),
        timed: bin.timed + Number(durationNs !== null),
        ttftSumNs: bin.ttftSumNs + (durationNs ?? 0),
        ttftMaxNs: Math.max(bin.ttftMaxNs, durationNs ?? 0),
      };
      while ((bins[0]?.fromMs ?? Infinity) <= fromMs - HISTORY_BINS * HISTORY_BIN_MS) bins.shift();
    },
    bins: () => bins,
  };
}
