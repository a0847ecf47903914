import { LensError } from "@lens/core";
import { openConversations } from "./conversation-source.ts";
import { openFile } from "./file-source.ts";
import { openPrompts } from "./prompts-source.ts";
import type { PromptSource, SourceContext } from "./source.ts";
import type { WorkloadSpec } from "./spec.ts";
import { openSynthetic } from "./synthetic-source.ts";
import { openTracePrompts } from "./trace-source.ts";

type Opener<S> = (spec: S, context: SourceContext) => Promise<PromptSource>;

const OPENERS: { readonly [K in WorkloadSpec["kind"]]: Opener<Extract<WorkloadSpec, { readonly kind: K }>> } = {
  prompts: openPrompts,
  file: openFile,
  synthetic: openSynthetic,
  trace: openTracePrompts,
  conversations: openConversations,
};

/**
 * Opens what a spec describes, and looks through all of it that can be looked through: what is wrong is said here, before anything is sent.
 * Rejects with `INVALID_ARGUMENT`, naming file, line and column where there is one, and `FILE_FAILED`. Close the source in the end.
 */
export function openPromptSource(spec: WorkloadSpec, context: SourceContext): Promise<PromptSource> {
  const open = OPENERS[spec.kind] as Opener<WorkloadSpec> | undefined;
  if (open === undefined) {
    const kinds = Object.keys(OPENERS).join(", ");
    throw new LensError("INVALID_ARGUMENT", `Expected the workload to be one of ${kinds}, got \`${spec.kind}\`.`);
  }
  return open(spec, context);
}
