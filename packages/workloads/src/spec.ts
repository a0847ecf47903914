import type { PromptRequest } from "@lens/providers";
import type { LengthSpec } from "./length.ts";

/** What is asked, without the model that it goes to. */
export type Prompt = Omit<PromptRequest, "model">;

/** Sent with every prompt that does not say otherwise itself. */
export type PromptDefaults = Omit<PromptRequest, "model" | "messages"> & { readonly system?: string };

/** What a server may know of a prompt from an earlier one. */
export type CacheSpec =
  /** Each prompt begins with a mark of its own, so that no server has anything of it in its cache. */
  | { readonly kind: "bust" }
  /** A share of the prompts begins with the same tokens, and differs after them; the others are as `bust` makes them. */
  | { readonly kind: "shared"; readonly prefixTokens: number; /** From 0 to 1; 1 unless given. */ readonly share?: number }
  /** Nothing is put before a prompt. */
  | { readonly kind: "as-is" };

/** `gpt` counts as OpenAI's models since GPT-4o do, by the package gpt-tokenizer; `estimate` takes a common English word for a token. */
export type TokenizerName = "gpt" | "estimate";

/** Prompts that are given in place, taken in turn. */
export interface PromptsSpec {
  readonly kind: "prompts";
  /** At least one. */
  readonly prompts: readonly Prompt[];
  /** `as-is` unless given. */
  readonly cache?: CacheSpec;
}

/** Words of a wanted length. The same seed gives the same bytes. */
export interface SyntheticSpec {
  readonly kind: "synthetic";
  readonly inputTokens: LengthSpec;
  /** Sent as the limit on output tokens; null leaves that to `defaults`. */
  readonly outputTokens: LengthSpec | null;
  /** `bust` unless given. */
  readonly cache?: CacheSpec;
  /** `estimate` unless given. */
  readonly tokenizer?: TokenizerName;
  /** How many tokens of the model one estimated token turned out to be; 1 unless given. */
  readonly tokensPerEstimate?: number;
  readonly defaults?: PromptDefaults;
}

/** Prompts of the lengths that the lines of a trace say: the load's arrivals bring the lines. The same seed gives the same bytes. */
export interface TracePromptsSpec {
  readonly kind: "trace";
  /** Asked where a line does not say how long its prompt was. */
  readonly otherwise: Prompt;
  /** Unless given, `bust`, and `as-is` where the trace says which prompts begin alike. */
  readonly cache?: Exclude<CacheSpec, { readonly kind: "shared" }>;
  /** `estimate` unless given. */
  readonly tokenizer?: TokenizerName;
  /** How many tokens of the model one estimated token turned out to be; 1 unless given. */
  readonly tokensPerEstimate?: number;
  readonly defaults?: PromptDefaults;
}

/** What is asked of the model: plain data, so that it can be handed to a thread, stored in a manifest, and repeated. Paths are absolute. */
export type WorkloadSpec = PromptsSpec | SyntheticSpec | TracePromptsSpec;
