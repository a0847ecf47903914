import { runClosedLoop } from "./closed-loop.ts";
import { runOpenLoop } from "./open-loop.ts";
import type { PartOptions, PartResult } from "./part.ts";
import { isClosed } from "./resolve-plan.ts";

/** Runs a part of a plan in the calling thread. Rejects with what `send` or `onRecord` reject with. */
export function runPart({ plan, ...rest }: PartOptions): Promise<PartResult> {
  return isClosed(plan) ? runClosedLoop({ ...rest, plan }) : runOpenLoop({ ...rest, plan });
}
