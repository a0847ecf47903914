import { createRandom, type Random } from "@lens/core";
import { drawNumber } from "./draw.ts";
import { driftFactor } from "./drift.ts";
import { type Fault, pickFault } from "./faults.ts";
import type { Scenario } from "./scenario.ts";

/** What a piece of an answer is. */
export type PieceKind = "text" | "reasoning" | "tool" | "refusal";

/** What one chunk will carry, and when. */
export interface Piece {
  readonly text: string;
  readonly tokens: number;
  /** Nanoseconds after the request is served. */
  readonly dueNs: number;
}

/** Pieces of one kind in a row: the reasoning, the text, or one tool call. */
export interface Block {
  readonly kind: PieceKind;
  readonly pieces: readonly Piece[];
}

/** How an answer ends. From `error` on the stream breaks, and its last block stays open. */
export type Ending = "stop" | "length" | "tool" | "refused" | "filtered" | "blocked" | "error" | "cut" | "stall" | "broken-json";

/** All that will happen to one request, decided before its first byte. */
export interface Plan {
  readonly fault: Fault | null;
  readonly ending: Ending;
  readonly blocks: readonly Block[];
  /** When the headers may go out at the earliest, in nanoseconds after the request is served. */
  readonly headNs: number;
  /** When the first token is due; it is the end too where there is no token. */
  readonly ttftNs: number;
  /** When the last piece is due. */
  readonly endNs: number;
  readonly inputTokens: number;
  /** The part of them that an earlier prompt began with, too. */
  readonly cachedTokens: number;
  /** All that is billed as output, reasoning included. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** Whether the reasoning, if there is any, is silence. */
  readonly reasoningHidden: boolean;
}

/** What a plan is drawn for. */
export interface PlanInput {
  /** The number of the request, from 0. */
  readonly index: number;
  /** When it came, after the start of the simulator. */
  readonly ageNs: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  /** The request's own limit on output tokens; null where it sets none. */
  readonly maxTokens: number | null;
  /** The fault that the model's name asks for. */
  readonly fault: Fault | null;
  /** Faults that the protocol has no shape for: the request is answered well instead. */
  readonly lacks: readonly Fault[];
  /** Whether the protocol sends a tool call in one piece, once it is complete. */
  readonly wholeToolCalls: boolean;
  /** Whether the protocol has words for a refusal, or only a finish reason. */
  readonly spokenRefusal: boolean;
}

const NS_PER_MS = 1e6;
const WORDS = (
  "the a of in to and light lens glass focus image ray angle bright clear sharp small large near far first last each every " +
  "measure moment second token stream answer question model number time wait begin end then when where is was has can will " +
  "naïve café über été 光 レンズ"
).split(" ");

interface Segment {
  readonly kind: PieceKind;
  readonly texts: readonly string[];
  readonly hidden: boolean;
  readonly whole: boolean;
}

function words(count: number, random: Random): string[] {
  return Array.from({ length: count }, (_, index) => `${index === 0 ? "" : " "}${WORDS[random.word() % WORDS.length]}`);
}

/** The arguments of a tool call as tokens, which together are JSON. */
function toolTexts(count: number, random: Random): string[] {
  return count < 2 ? ["{}"] : ['{"query":"', ...words(count - 2, random), '"}'];
}

function answerSegments(scenario: Scenario, tokens: number, ending: Ending, input: PlanInput, random: Random): Segment[] {
  if (tokens === 0 || ending === "blocked") return [];
  if (ending === "refused")
    return input.spokenRefusal ? [{ kind: "refusal", texts: words(tokens, random), hidden: false, whole: false }] : [];
  const calls = Math.min(scenario.toolCalls, tokens);
  if (calls === 0) return [{ kind: "text", texts: words(tokens, random), hidden: false, whole: false }];
  return Array.from({ length: calls }, (_, call) => ({
    kind: "tool",
    texts: toolTexts(Math.floor((tokens + call) / calls), random),
    hidden: false,
    whole: input.wholeToolCalls,
  }));
}

function endingOf(fault: Fault | null, capped: boolean, toolCalls: number): Ending {
  switch (fault) {
    case "error":
    case "cut":
    case "stall":
    case "broken-json":
    case "filtered":
    case "blocked":
    case "length":
      return fault;
    case "refusal":
      return "refused";
    default:
      return capped ? "length" : toolCalls > 0 ? "tool" : "stop";
  }
}

/** Sets the segments out in time. Hidden ones pass in silence. */
function layOut(segments: readonly Segment[], scenario: Scenario, random: Random, startNs: number): { blocks: Block[]; endNs: number } {
  let chunk = 0;
  let dueNs = startNs;
  const blocks: Block[] = [];
  for (const { kind, texts, hidden, whole } of segments) {
    const pieces: Piece[] = [];
    for (let at = 0; at < texts.length; chunk++) {
      const tokens = Math.max(1, Math.round(drawNumber(scenario.tokensPerChunk, random, chunk)));
      if (chunk > 0) dueNs += Math.round(drawNumber(scenario.gapMs, random, chunk - 1) * NS_PER_MS);
      const taken = texts.slice(at, at + tokens);
      at += taken.length;
      pieces.push({ text: taken.join(""), tokens: taken.length, dueNs });
    }
    if (!hidden) blocks.push({ kind, pieces: whole ? [{ text: texts.join(""), tokens: texts.length, dueNs }] : pieces });
  }
  return { blocks, endNs: dueNs };
}

/** The first half of the pieces, rounded up. */
function firstHalf(blocks: readonly Block[]): Block[] {
  let left = Math.ceil(blocks.reduce((sum, block) => sum + block.pieces.length, 0) / 2);
  const kept: Block[] = [];
  for (const { kind, pieces } of blocks) {
    if (left <= 0) break;
    kept.push({ kind, pieces: pieces.slice(0, left) });
    left -= pieces.length;
  }
  return kept;
}

/** Puts `sizeBytes` of filling into the piece in the middle. */
function swell(blocks: readonly Block[], sizeBytes: number): Block[] {
  const count = blocks.reduce((sum, block) => sum + block.pieces.length, 0);
  let at = -1;
  const grow = (piece: Piece): Piece => (++at === Math.floor(count / 2) ? { ...piece, text: "x".repeat(sizeBytes) } : piece);
  return blocks.map(({ kind, pieces }) => ({ kind, pieces: pieces.map(grow) }));
}

const HALF_WAY: readonly Ending[] = ["error", "cut", "stall", "broken-json", "filtered"];
const tokensOf = (blocks: readonly Block[], kind?: PieceKind): number =>
  blocks.reduce(
    (sum, block) => (kind === undefined || block.kind === kind ? block.pieces.reduce((total, piece) => total + piece.tokens, sum) : sum),
    0,
  );

/** Decides everything about one request. The same scenario and input give the same plan. */
export function drawPlan(scenario: Scenario, input: PlanInput): Plan {
  const random = createRandom(scenario.seed, input.index);
  const drawnFault = pickFault(scenario.faults, input.index, random);
  const wanted = input.fault ?? drawnFault;
  const fault = wanted !== null && input.lacks.includes(wanted) ? null : wanted;
  const count = (draw: Scenario["outputTokens"]): number => Math.round(drawNumber(draw, random, input.index));

  const headNs = fault === "slow-headers" ? Math.round(scenario.slowHeadersMs * NS_PER_MS) : 0;
  const ttftMs = drawNumber(scenario.ttftMs, random, input.index) * driftFactor(scenario.drift, input.ageNs);
  const ttftNs = headNs + Math.round(ttftMs * NS_PER_MS);
  const budget = input.maxTokens ?? Number.POSITIVE_INFINITY;
  const wantedAnswer = count(scenario.outputTokens);
  const wantedReasoning = count(scenario.reasoningTokens);
  const reasoning = Math.min(wantedReasoning, budget);
  const answer = Math.min(wantedAnswer, budget - reasoning);
  const ending = endingOf(fault, answer + reasoning < wantedAnswer + wantedReasoning, scenario.toolCalls);

  const reasoningHidden = scenario.reasoning === "hidden";
  const thought: Segment[] =
    reasoning === 0 || ending === "blocked"
      ? []
      : [{ kind: "reasoning", texts: words(reasoning, random), hidden: reasoningHidden, whole: false }];
  const laid = layOut([...thought, ...answerSegments(scenario, answer, ending, input, random)], scenario, random, ttftNs);
  const cropped = HALF_WAY.includes(ending) ? firstHalf(laid.blocks) : laid.blocks;
  const blocks = fault === "huge-event" ? swell(cropped, scenario.hugeEventBytes) : cropped;
  const hiddenTokens = reasoningHidden && thought.length > 0 ? reasoning : 0;
  return {
    fault,
    ending,
    blocks,
    headNs,
    ttftNs,
    endNs: cropped === laid.blocks ? laid.endNs : (cropped.at(-1)?.pieces.at(-1)?.dueNs ?? laid.endNs),
    inputTokens: input.inputTokens,
    cachedTokens: input.cachedTokens,
    outputTokens: tokensOf(blocks) + hiddenTokens,
    reasoningTokens: tokensOf(blocks, "reasoning") + hiddenTokens,
    reasoningHidden,
  };
}
