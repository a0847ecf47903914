import { anthropic } from "../src/anthropic.ts";
import type { Ask, Context, Dialect } from "../src/dialect.ts";
import { google } from "../src/google.ts";
import { ollama } from "../src/ollama.ts";
import { openaiResponses } from "../src/openai-responses.ts";
import { openai } from "../src/openai.ts";
import { drawPlan, type Plan, type PlanInput } from "../src/plan.ts";
import { resolveScenario, type Scenario } from "../src/scenario.ts";

export const DIALECTS = { openai, "openai-responses": openaiResponses, anthropic, google, ollama } as const;

/** A plan for a dialect: 10 ms to the first token, 5 ms gaps, four tokens, unless the scenario says otherwise. */
export function planOf(dialect: Dialect, scenario: Partial<Scenario> = {}, input: Partial<PlanInput> = {}): Plan {
  const { lacks, wholeToolCalls, spokenRefusal } = dialect;
  return drawPlan(resolveScenario({ ttftMs: 10, gapMs: 5, outputTokens: 4, ...scenario }), {
    index: 0,
    ageNs: 0,
    inputTokens: 7,
    cachedTokens: 0,
    maxTokens: null,
    fault: null,
    lacks,
    wholeToolCalls,
    spokenRefusal,
    ...input,
  });
}

export function contextOf(ask: Partial<Ask> = {}): Context {
  return {
    ask: {
      model: "sim",
      stream: true,
      maxTokens: null,
      promptText: "What does the simulator say?",
      includeUsage: true,
      jsonArray: false,
      ...ask,
    },
    id: "id1",
    createdSeconds: 1_000,
    queuedNs: 3_000_000,
    timeAt: (offsetNs) => `+${offsetNs / 1e6}ms`,
  };
}

/** The writes of a stream, each as text. */
export function writesText(dialect: Dialect, plan: Plan, ask: Partial<Ask> = {}): string[] {
  return Array.from(dialect.stream(plan, contextOf(ask)), ({ chunk }) => String(chunk));
}

/** Parsed JSON: a wrong guess at its shape fails the test, which is the point. */
export type Json = any;

/** The JSON of each data line of an SSE stream; `[DONE]` stays text. */
export function sseData(text: string): Json[] {
  return text
    .split(/\r?\n\r?\n/)
    .flatMap((event) => event.split(/\r?\n/).filter((line) => line.startsWith("data: ")))
    .map((line) => line.slice("data: ".length))
    .map((data) => (data === "[DONE]" ? data : JSON.parse(data)));
}
