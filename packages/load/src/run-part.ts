import { runClosedLoop } from "./closed-loop.ts";
import { runOpenLoop } from "./open-loop.ts";
import { openSchedule } from "./open-schedule.ts";
import type { PartOptions, PartResult } from "./part.ts";
import type { Shard } from "./plan.ts";
import { isClosed, type ResolvedPlan } from "./resolve-plan.ts";

/** A part of a plan that is ready to be sent. */
export interface ReadyPart {
  /** Runs it in the calling thread. Rejects with what `send` or `onRecord` reject with. */
  run(options: Omit<PartOptions, "plan" | "part">): Promise<PartResult>;
  close(): Promise<void>;
}

/** Makes a part of a plan ready. Rejects with what is wrong with the trace that it repeats. Close it in the end. */
export async function openPart(plan: ResolvedPlan, part: Shard): Promise<ReadyPart> {
  if (isClosed(plan)) return { run: (options) => runClosedLoop({ ...options, plan, part }), close: () => Promise.resolve() };
  const schedule = await openSchedule(plan, part);
  return { run: (options) => runOpenLoop({ ...options, plan, part }, schedule), close: schedule.close };
}
