import type { RequestRecord } from "@lens/core";
import { e2eNs, isAnswered, tokenCount, ttftNs } from "./derive.ts";
import { type Distribution, toDistribution, type TokenDistribution, toTokenDistribution } from "./distribution.ts";
import { createHistogram } from "./histogram.ts";
import { mergeDistributions, mergeTokenDistributions } from "./merge-distributions.ts";
import { sumOf } from "./sums.ts";

/** The requests that were one turn of their conversations: the later the turn, the longer the history that its prompt carries. */
export interface TurnSummary {
  /** Counts from 0, as in records. */
  readonly turn: number;
  /** Measured requests, failed ones included. */
  readonly requests: number;
  /** Those that were answered, which the distributions are of. */
  readonly answered: number;
  /** Length of the prompt, history included, as the provider reports it. */
  readonly input: TokenDistribution;
  readonly ttft: Distribution;
  readonly e2e: Distribution;
}

/** Conversations may be long: the turns from here on are counted as one. */
const LAST_TURN = 99;

function createTurnTally(turn: number) {
  const [input, ttft, e2e] = [createHistogram(), createHistogram(), createHistogram()];
  let [requests, answered] = [0, 0];
  return {
    add(record: RequestRecord): void {
      requests += 1;
      if (!isAnswered(record)) return;
      answered += 1;
      const tokens = tokenCount(record.usage?.inputTokens);
      if (tokens !== null) input.record(tokens);
      const firstNs = ttftNs(record);
      if (firstNs !== null) ttft.record(firstNs);
      const endNs = e2eNs(record);
      if (endNs !== null) e2e.record(endNs);
    },
    summary: (): TurnSummary => ({
      turn,
      requests,
      answered,
      input: toTokenDistribution(input),
      ttft: toDistribution(ttft),
      e2e: toDistribution(e2e),
    }),
  };
}

/** Sums up the turns of conversations, as they come. */
export function createTurnsTally() {
  const turns = new Map<number, ReturnType<typeof createTurnTally>>();
  return {
    add(record: RequestRecord): void {
      const said = record.workload?.turn ?? null;
      if (said === null) return;
      const turn = Math.min(said, LAST_TURN);
      const tally = turns.get(turn) ?? createTurnTally(turn);
      turns.set(turn, tally);
      tally.add(record);
    },
    /** In their order; null where no request was a turn of a conversation. */
    summary(): readonly TurnSummary[] | null {
      const summaries = [...turns.values()].map((tally) => tally.summary());
      return summaries.length === 0 ? null : summaries.toSorted((a, b) => a.turn - b.turn);
    },
  };
}

/** As one run would have summed them up. Null for none. */
export function mergeTurns(parts: readonly (readonly TurnSummary[])[]): readonly TurnSummary[] | null {
  const all = parts.flat();
  if (all.length === 0) return null;
  const numbers = [...new Set(all.map(({ turn }) => turn))].toSorted((a, b) => a - b);
  return numbers.map((number) => {
    const same = all.filter(({ turn }) => turn === number);
    return {
      turn: number,
      requests: sumOf(same, ({ requests }) => requests),
      answered: sumOf(same, ({ answered }) => answered),
      input: mergeTokenDistributions(same.map(({ input }) => input)),
      ttft: mergeDistributions(same.map(({ ttft }) => ttft)),
      e2e: mergeDistributions(same.map(({ e2e }) => e2e)),
    };
  });
}
