export { calibrate, type Calibration, needsCalibration } from "./calibrate.ts";
export type { EntryOrder } from "./choose-entry.ts";
export { FILE_FORMATS, type FileFormat, formatOf } from "./entry-index.ts";
export { type EntrySample, inspectFile, type Inspection, type Spread } from "./inspect.ts";
export { type LengthSpec, meanLength, parseLength } from "./length.ts";
export { openPromptSource } from "./open-source.ts";
export type { FileProblem } from "./prompt-file.ts";
export type { Asked, ConversationPlace, PreparedPrompt, PromptSource, Reply, SourceContext } from "./source.ts";
export type {
  CacheSpec,
  FileSpec,
  Prompt,
  PromptDefaults,
  PromptsSpec,
  SyntheticSpec,
  TokenizerName,
  TracePromptsSpec,
  WorkloadSpec,
} from "./spec.ts";
export { fillTemplate } from "./template.ts";
export { isInstalled } from "./tokenizer.ts";
export { inspectTrace, type TraceInspection } from "./inspect-trace.ts";
export { openTrace, recognizeTrace, type Trace, TRACE_FORMATS, type TraceFormatName, type TraceRow, type TraceSpec } from "./trace.ts";
