import { LensError } from "@lens/core";
import type { ConversationPlace } from "@lens/workloads";
import { type Asked, createOrder } from "./order.ts";
import type { ResolvedPlan } from "./resolve-plan.ts";

/** A conversation that begins. */
export interface Conversation {
  /** Whom all of it asks; its `turn` is the conversation's number. */
  readonly asked: Asked;
  readonly turns: number;
  at(turn: number): ConversationPlace;
}

/** Hands out conversations by their places, from 0; null where each request stands alone. Every thread hands out the same. Throws `INVALID_ARGUMENT` for a run that is resumed: what was said before is gone. */
export function createConversations(
  plan: ResolvedPlan,
  turnsOf: ((conversation: number) => number) | undefined,
): ((place: number) => Conversation) | null {
  if (turnsOf === undefined) return null;
  if (plan.resume !== null)
    throw new LensError("INVALID_ARGUMENT", "Expected a run without conversations to resume: their answers were not kept.");
  // Phases count requests, not conversations.
  const order = createOrder({ ...plan, phases: [] });
  return (place) => {
    const asked = order("measured", place);
    return { asked, turns: turnsOf(asked.turn), at: (turn) => ({ number: asked.turn, turn }) };
  };
}
