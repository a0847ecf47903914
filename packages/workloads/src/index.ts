export { drawLength, type LengthSpec, meanLength, parseLength } from "./length.ts";
export { openPromptSource } from "./open-source.ts";
export type { Asked, ConversationPlace, PreparedPrompt, PromptSource, Reply, SourceContext } from "./source.ts";
export type {
  CacheSpec,
  Prompt,
  PromptDefaults,
  PromptsSpec,
  SyntheticSpec,
  TokenizerName,
  TracePromptsSpec,
  WorkloadSpec,
} from "./spec.ts";
export { openTrace, recognizeTrace, type Trace, TRACE_FORMATS, type TraceFormatName, type TraceRow, type TraceSpec } from "./trace.ts";
