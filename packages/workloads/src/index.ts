export { drawLength, type LengthSpec, meanLength, parseLength } from "./length.ts";
export { openPromptSource } from "./open-source.ts";
export type { Asked, PreparedPrompt, PromptSource, Reply, SourceContext } from "./source.ts";
export type { CacheSpec, Prompt, PromptDefaults, PromptsSpec, SyntheticSpec, TokenizerName, WorkloadSpec } from "./spec.ts";
