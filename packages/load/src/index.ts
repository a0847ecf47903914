export { type Asker, type AskingOptions, openAsker } from "./asker.ts";
export type { Budget } from "./budget.ts";
export { chooseWorkers } from "./choose-workers.ts";
export type { JobTarget, WorkerJob } from "./job.ts";
export { parseLevels, type ParseLevelsOptions } from "./levels.ts";
export type { Arrivals, ClosedLoad, LoadPlan, OpenLoad, RateLimits, Shard, Span, Stage } from "./plan.ts";
export type { LoadKind, Probe, ProbeRequest, ProbeSummary } from "./probe.ts";
export {
  type ClosedPlan,
  type OpenPlan,
  type PhaseLimit,
  type ResolvedLimits,
  type ResolvedPlan,
  resolvePlan,
  shareOf,
} from "./resolve-plan.ts";
export type { InstrumentLoad, LoadProgress, LoadResult, StopCause, ThreadLoad } from "./result.ts";
export { runLoad } from "./run-load.ts";
export type { Resumption, SentPhase } from "./resume.ts";
export type { RunLoadBase, RunLoadHere, RunLoadInWorkers, RunLoadOptions } from "./run-options.ts";
export { type PlannedRequest, planRequests, type TraceOutcome } from "./schedule.ts";
export { searchHighestLoad, type SearchOptions, type SearchResult, type SearchStatus } from "./search.ts";
export { parseSentNote, type SentNote } from "./send-log.ts";
export { runSweep, type SweepOptions, type SweepResult, type SweepStep } from "./sweep.ts";
export { type Ticket, ticketId } from "./ticket.ts";
