import type { RequestRecord } from "@lens/core";
import type { Delta, RunOptions } from "@lens/providers";
import { type Asked, openPromptSource, type PreparedPrompt, type Prompt, type SourceContext, type WorkloadSpec } from "@lens/workloads";
import type { Ticket } from "./ticket.ts";

/** What a workload adds to how a request is run. */
export type AskingOptions = Pick<RunOptions, "workload" | "onDelta">;

/** Hands the prompts of a workload to whoever sends them. */
export interface Asker {
  /** Makes the prompt of the request that comes next, so that it is there when its time comes. */
  prepare(asked: Asked): void;
  /** Has a ticket's prompt sent, and lets the workload know the answer where it wants to. Rejects with what `send` rejects with, and where the prompt cannot be made. */
  ask(ticket: Ticket, send: (prompt: Prompt, options: AskingOptions) => Promise<RequestRecord>): Promise<RequestRecord>;
  /** How many turns a conversation has; left out where each request stands alone. */
  turnsOf?(conversation: number): number;
  /** How many entries of a file were left out because they are broken. */
  readonly skipped: number;
  close(): Promise<void>;
}

/** Opens a workload for a thread that sends. Rejects as `openPromptSource` does. */
export async function openAsker(workload: WorkloadSpec, context: SourceContext): Promise<Asker> {
  const source = await openPromptSource(workload, context);
  let next: { readonly index: number; readonly made: Promise<PreparedPrompt> } | null = null;

  const make = async (asked: Asked): Promise<PreparedPrompt> => source.next(asked);

  function take(ticket: Ticket): Promise<PreparedPrompt> {
    const isFirstTurn = (ticket.conversation?.turn ?? 0) === 0;
    return next?.index === ticket.index && isFirstTurn ? next.made : make(ticket);
  }

  return {
    skipped: source.skipped ?? 0,
    ...(source.turnsOf === undefined ? {} : { turnsOf: source.turnsOf }),
    prepare(asked) {
      const made = make(asked);
      // Told when it is sent.
      made.catch(() => undefined);
      next = { index: asked.index, made };
    },
    async ask(ticket, send) {
      const { prompt, mark } = await take(ticket);
      const marked = mark === null ? {} : { workload: mark };
      if (source.learn === undefined) return send(prompt, marked);
      let text = "";
      const onDelta = (delta: Delta): void => {
        if (delta.type === "text") text += delta.text;
      };
      const record = await send(prompt, { ...marked, onDelta });
      source.learn(ticket, { record, text });
      return record;
    },
    close: () => source.close(),
  };
}
