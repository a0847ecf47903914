import type { RequestRecord } from "@lens/core";
import { meanLength } from "./length.ts";
import type { PreparedPrompt, SourceContext } from "./source.ts";
import type { SyntheticSpec, WorkloadSpec } from "./spec.ts";
import { openSynthetic } from "./synthetic-source.ts";

/** What one request ahead of a run has taught. */
export interface Calibration {
  /** The workload with `tokensPerEstimate` set; as it was where no usage came. */
  readonly workload: WorkloadSpec;
  readonly record: RequestRecord;
}

/** Long enough that what a chat template adds counts for as little as it does in the run; short enough to cost little. */
const LONGEST_TOKENS = 2_000;
/** The least that every provider accepts as a limit. */
const ANSWER_TOKENS = 16;
/** Of a trace nobody knows the lengths before it is read. */
const USUAL_TOKENS = 1_000;

/** How long the prompts that a workload makes usually are, in tokens; null where it makes none. */
function usualLength(workload: WorkloadSpec): number | null {
  switch (workload.kind) {
    case "synthetic":
      return meanLength(workload.inputTokens);
    case "trace":
      return USUAL_TOKENS;
    case "conversations":
      return workload.from.kind === "synthetic" ? meanLength(workload.from.inputTokens) : null;
    case "prompts":
    case "file":
      return null;
  }
}

/** Whether a workload makes text whose length is estimated, and nothing has put the estimate right. */
export function needsCalibration(workload: WorkloadSpec): boolean {
  return usualLength(workload) !== null && workload.tokenizer !== "gpt" && workload.tokensPerEstimate === undefined;
}

/**
 * Has a prompt of the usual length sent, and puts the estimate of lengths right by the usage that its answer reports. It is done before the run, so that
 * every thread makes the same prompts of it, and the next run with the same seed does too.
 */
export async function calibrate(
  workload: WorkloadSpec,
  { seed, scope = "" }: SourceContext,
  send: (prepared: PreparedPrompt) => Promise<RequestRecord>,
): Promise<Calibration> {
  const usualTokens = usualLength(workload) ?? USUAL_TOKENS;
  const sample: SyntheticSpec = {
    kind: "synthetic",
    inputTokens: { distribution: "fixed", tokens: Math.max(1, Math.min(Math.round(usualTokens), LONGEST_TOKENS)) },
    outputTokens: { distribution: "fixed", tokens: ANSWER_TOKENS },
  };
  const source = await openSynthetic(sample, { seed, scope: `${scope}calibration` });
  const prepared = await source.next({ index: 0, phase: "warmup", target: 0, turn: 0 });
  const record = await send(prepared);
  const reported = record.usage?.inputTokens ?? 0;
  const sent = prepared.mark?.sentInputTokens ?? 0;
  return { workload: reported > 0 && sent > 0 ? { ...workload, tokensPerEstimate: reported / sent } : workload, record };
}
