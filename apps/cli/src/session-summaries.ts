import { createSummary, type Summary, type SummaryOptions } from "@lens/metrics";

/** What the requests of a run come to, process by process: of a run that was broken off, the pause is in no figure. */
export interface SessionSummaries {
  /** That of one process; begun when it is first asked for. */
  of(session: number): Summary;
  /** The processes that sent any request, in the order of time. */
  sessions(): readonly number[];
}

/** Summaries without any request. */
export function createSessionSummaries(options: SummaryOptions): SessionSummaries {
  const summaries = new Map<number, Summary>();
  return {
    of(session) {
      const known = summaries.get(session) ?? createSummary(options);
      summaries.set(session, known);
      return known;
    },
    sessions: () => [...summaries.keys()].toSorted((one, other) => one - other),
  };
}
