import type { OutcomeKind } from "@lens/core";
import type { Fault } from "./faults.ts";
import type { Piece, PieceKind, Plan } from "./plan.ts";

/** The protocols that the simulator speaks. */
export const PROTOCOLS = ["openai", "openai-responses", "anthropic", "google", "ollama"] as const;

/** The name of a protocol. */
export type Protocol = (typeof PROTOCOLS)[number];

/** A JSON object from outside, of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

/** Request headers, lower-case names. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a client asks for, in no protocol's words. */
export interface Ask {
  readonly model: string;
  readonly stream: boolean;
  /** Null where the request sets no limit. */
  readonly maxTokens: number | null;
  /** All text of the prompt, system text included. */
  readonly promptText: string;
  /** Whether the stream shall tell its usage (OpenAI chat; the others always do). */
  readonly includeUsage: boolean;
  /** Whether the stream is one JSON array (Google without `alt=sse`). */
  readonly jsonArray: boolean;
}

/** What the path and the query of a request say of it. */
export interface PathHints {
  /** Null where the path names no model. */
  readonly model: string | null;
  /** Whether the path asks for a stream; elsewhere the body does. */
  readonly stream: boolean;
  readonly jsonArray: boolean;
}

/** A failure before the stream, in no protocol's words. */
export interface Failure {
  readonly status: 400 | 401 | 404 | 413 | 429 | 500 | 529;
  readonly message: string;
  /** How long the client shall wait; null says nothing of it. */
  readonly retryAfterMs: number | null;
  /** Whether a content filter is the reason (status 400). */
  readonly filtered: boolean;
}

/** What an answer is made for. */
export interface Context {
  readonly ask: Ask;
  /** The id of the request. */
  readonly id: string;
  /** Whole seconds of wall time at which the answer began. */
  readonly createdSeconds: number;
  /** From the whole request to being served, in nanoseconds. */
  readonly queuedNs: number;
  /** The wall time that lies `offsetNs` after being served, as RFC 3339 writes it. */
  timeAt(offsetNs: number): string;
}

/** What a failure is reported for. */
export interface FailureContext {
  readonly id: string;
  /** Null where the request could not be read. */
  readonly ask: Ask | null;
}

/** One write to the socket. It is content where it carries tokens. */
export interface Write {
  /** Nanoseconds after the request is served. */
  readonly dueNs: number;
  readonly chunk: string | Uint8Array;
  readonly tokens: number;
  /** The part of `tokens` that is reasoning. */
  readonly reasoningTokens: number;
}

/** All that is particular to one protocol. Pure: no clock, no socket. */
export interface Dialect {
  readonly protocol: Protocol;
  /** Faults that the protocol has no shape for. */
  readonly lacks: readonly Fault[];
  readonly wholeToolCalls: boolean;
  readonly spokenRefusal: boolean;
  /** Whether a blocked prompt is answered by status 400, or by a stream that says so. */
  readonly blockedByStatus: boolean;
  /** How a refusal, a filtered answer and a blocked prompt are called in the protocol's own terms. */
  readonly outcomes: Readonly<Record<"refused" | "filtered" | "blocked", OutcomeKind>>;
  /** What the body of a request asks for, or what is wrong with it. */
  readAsk(body: Fields, headers: RequestHeaders, path: PathHints): Ask | string;
  /** Headers of a good answer, whose first byte leaves `headNs` after the whole request came. */
  headers(context: Context, headNs: number): Readonly<Record<string, string>>;
  /** The stream, piece by piece. An ending of `cut` or `stall` is left to the caller. */
  stream(plan: Plan, context: Context): Iterable<Write>;
  /** The answer as one document, for a request that does not stream. */
  document(plan: Plan, context: Context): unknown;
  /** What may be written to keep the connection alive. */
  keepAlive(ask: Ask): string;
  failureDocument(failure: Failure, context: FailureContext): unknown;
  failureHeaders(failure: Failure, context: FailureContext): Readonly<Record<string, string>>;
}

/** A write that carries a piece of the answer. */
export function contentWrite(kind: PieceKind, piece: Piece, chunk: string): Write {
  return { dueNs: piece.dueNs, chunk, tokens: piece.tokens, reasoningTokens: kind === "reasoning" ? piece.tokens : 0 };
}

/** A write that carries no token. */
export function plainWrite(dueNs: number, chunk: string): Write {
  return { dueNs, chunk, tokens: 0, reasoningTokens: 0 };
}

/** The whole text of an answer's blocks of one kind. */
export function wholeText(plan: Plan, kind: PieceKind): string {
  return plan.blocks
    .filter((block) => block.kind === kind)
    .map((block) => block.pieces.map((piece) => piece.text).join(""))
    .join("");
}

/** The arguments of each tool call, as JSON text. */
export function toolArguments(plan: Plan): string[] {
  return plan.blocks.filter((block) => block.kind === "tool").map((block) => block.pieces.map((piece) => piece.text).join(""));
}

/** The name of the tool that every simulated call asks for. */
export const TOOL_NAME = "look_up";

/** An event whose JSON breaks off. */
export const BROKEN_JSON = '{"broken":{"text":"this string never en';

/** What an error event half-way says. */
export const STREAM_ERROR_MESSAGE = "The simulator was asked to fail half-way.";
