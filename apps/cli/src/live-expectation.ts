import { type LoadPlan, shareOf, type Span } from "@lens/load";
import type { Expectation } from "./live-frame.ts";

const timeOf = (span: Span | null | undefined): number =>
  span !== null && span !== undefined && "durationNs" in span ? span.durationNs : 0;

/** What can be foreseen of a load. */
export function expectationOf(
  { load, durationNs = null, warmup, drain, targets = 1, shard, resume = null, ...plan }: LoadPlan,
  label: string,
): Expectation {
  const ofAll = plan.requests === undefined || plan.requests === null ? null : plan.requests * targets;
  const before = resume?.phases.find(({ phase }) => phase === "measured");
  const left = ofAll === null || before === undefined ? ofAll : ofAll - before.nextTurn + before.missing.length;
  const requests = left === null || shard === undefined ? left : shareOf(left, shard);
  const isRate = load.mode === "open";
  if (requests !== null || durationNs !== null) return { label, requests, durationNs, isRate };
  // How much a trace holds is known when it has been read.
  if (isRate && load.arrivals.process === "trace") return { label, requests, durationNs, isRate };
  if (isRate && load.arrivals.process === "timestamps") return { label, requests: load.arrivals.atNs.length, durationNs, isRate };
  const stages = (isRate ? "stages" in load.arrivals && load.arrivals.stages : load.stages) || [];
  const wholeNs = stages.reduce((sum, stage) => sum + stage.durationNs, 0);
  return { label, requests, durationNs: Math.max(0, wholeNs - timeOf(warmup) - timeOf(drain)), isRate };
}
