import type { OutcomeKind, Random } from "@lens/core";
import { BROKEN_JSON, type Context, type Dialect, plainWrite, type Write } from "./dialect.ts";
import type { Plan } from "./plan.ts";

const GARBAGE_BYTES = 4_096;
const HTML_PAGE = "<!doctype html>\n<html><head><title>Sign in</title></head><body><h1>Sign in to the network</h1></body></html>\n";

/** A request that does not stream gets its answer whole, when the last token would have come. */
function documentWrites(plan: Plan, dialect: Dialect, context: Context): Write[] {
  switch (plan.ending) {
    case "cut":
    case "stall":
    case "error":
      return [];
    case "broken-json":
      return [plainWrite(plan.endNs, BROKEN_JSON)];
    default: {
      const chunk = JSON.stringify(dialect.document(plan, context));
      return [{ dueNs: plan.endNs, chunk, tokens: plan.outputTokens, reasoningTokens: plan.reasoningTokens }];
    }
  }
}

/** All that is written of an answer, in order. Faults that know no protocol put their own bytes in its place. */
export function writesOf(plan: Plan, dialect: Dialect, context: Context, random: Random): Iterable<Write> {
  switch (plan.fault) {
    case "garbage":
      return [{ ...plainWrite(plan.ttftNs, ""), chunk: Uint8Array.from({ length: GARBAGE_BYTES }, () => random.word()) }];
    case "html":
      return [plainWrite(plan.ttftNs, HTML_PAGE)];
    case "empty":
      return [];
    default:
      return context.ask.stream ? dialect.stream(plan, context) : documentWrites(plan, dialect, context);
  }
}

/** Headers that a fault adds to the protocol's own, or puts in their place. */
export function faultHeaders(plan: Plan, hugeHeadersBytes: number): Readonly<Record<string, string>> {
  if (plan.fault === "html") return { "content-type": "text/html; charset=utf-8" };
  return plan.fault === "huge-headers" ? { "x-filling": "x".repeat(hugeHeadersBytes) } : {};
}

/** What an answer is that was written to its planned end. */
export function outcomeOf(plan: Plan, dialect: Dialect): OutcomeKind {
  switch (plan.ending) {
    case "refused":
    case "filtered":
    case "blocked":
      return dialect.outcomes[plan.ending];
    case "length":
      return "truncated";
    case "error":
    case "broken-json":
      return "error";
    case "cut":
      return "incomplete";
    // A stall ends when the client has had enough.
    case "stall":
      return "aborted";
    case "stop":
    case "tool":
      if (plan.fault === "garbage" || plan.fault === "html") return "error";
      return plan.fault === "empty" ? "incomplete" : "ok";
  }
}
