import type { PromptRequest } from "@lens/providers";
import type { EntryOrder } from "./choose-entry.ts";
import type { FileFormat } from "./entry-index.ts";
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

/** How the lengths of text that is made are met. */
export interface TextOptions {
  /** `estimate` unless given. */
  readonly tokenizer?: TokenizerName;
  /** How many tokens of the model one estimated token turned out to be; 1 unless given. */
  readonly tokensPerEstimate?: number;
}

/** Prompts that are given in place, taken in turn. */
export interface PromptsSpec extends TextOptions {
  readonly kind: "prompts";
  /** At least one. */
  readonly prompts: readonly Prompt[];
  /** Sent as the limit on output tokens, instead of the prompts' own. Null, or left out: none. */
  readonly outputTokens?: LengthSpec | null;
  /** `as-is` unless given. */
  readonly cache?: CacheSpec;
}

/** The prompts of a file. */
export interface FileSpec extends TextOptions {
  readonly kind: "file";
  /** Absolute. */
  readonly path: string;
  /** What messages call the file; its path unless given. */
  readonly name?: string;
  readonly format: FileFormat;
  /** Asked of every entry, whose fields are its variables; null, or left out, where each entry has a prompt of its own. */
  readonly template?: string | null;
  /** Values of variables that an entry does not have itself. */
  readonly values?: Readonly<Record<string, string>>;
  /** `in-turn` unless given. */
  readonly order?: EntryOrder;
  /** What an entry that cannot be used does: `stop`, unless given, ends all; `skip` leaves it out. */
  readonly onBadLine?: "stop" | "skip";
  /** Sent as the limit on output tokens, instead of the entries' own. Null, or left out: none. */
  readonly outputTokens?: LengthSpec | null;
  /** `as-is` unless given. */
  readonly cache?: CacheSpec;
  readonly defaults?: PromptDefaults;
}

/** Words of a wanted length. The same seed gives the same bytes. */
export interface SyntheticSpec extends TextOptions {
  readonly kind: "synthetic";
  readonly inputTokens: LengthSpec;
  /** Sent as the limit on output tokens; null leaves that to `defaults`. */
  readonly outputTokens: LengthSpec | null;
  /** `bust` unless given. */
  readonly cache?: CacheSpec;
  readonly defaults?: PromptDefaults;
}

/** Prompts of the lengths that the lines of a trace say: the load's arrivals bring the lines. The same seed gives the same bytes. */
export interface TracePromptsSpec extends TextOptions {
  readonly kind: "trace";
  /** Asked where a line does not say how long its prompt was. */
  readonly otherwise: Prompt;
  /** Unless given, `bust`, and `as-is` where the trace says which prompts begin alike. */
  readonly cache?: Exclude<CacheSpec, { readonly kind: "shared" }>;
  readonly defaults?: PromptDefaults;
}

/** What users say in conversations: words of drawn lengths. */
export interface SyntheticConversations {
  readonly kind: "synthetic";
  /** How often the user speaks. */
  readonly turns: LengthSpec;
  /** Of what the user says in one turn. */
  readonly inputTokens: LengthSpec;
  /** Sent as the limit on each answer; null leaves that to `defaults`. */
  readonly outputTokens: LengthSpec | null;
}

/** What users say in the conversations of a file, ShareGPT's or with OpenAI's `messages`. The answers that were given then are left out. */
export interface ConversationFile {
  readonly kind: "file";
  /** Absolute. */
  readonly path: string;
  /** What messages call the file; its path unless given. */
  readonly name?: string;
  readonly format: FileFormat;
  /** `in-turn` unless given. */
  readonly order?: EntryOrder;
  /** What a conversation that cannot be had does: `stop`, unless given, ends all; `skip` leaves it out. */
  readonly onBadLine?: "stop" | "skip";
}

/** Conversations, each turn of which carries what was said before, with the answers as they came. */
export interface ConversationsSpec extends TextOptions {
  readonly kind: "conversations";
  readonly from: SyntheticConversations | ConversationFile;
  /** What a server may know of a conversation when it begins. Unless given, `bust` for those made of words, and `as-is` for those of a file. */
  readonly cache?: CacheSpec;
  readonly defaults?: PromptDefaults;
}

/** What is asked of the model: plain data, so that it can be handed to a thread, stored in a manifest, and repeated. */
export type WorkloadSpec = PromptsSpec | FileSpec | SyntheticSpec | TracePromptsSpec | ConversationsSpec;
