import { setMaxListeners } from "node:events";
import PQueue from "p-queue";
import { isAnswered } from "@lens/metrics";
import { type Conversation, createConversations } from "./conversations.ts";
import { createOrder } from "./order.ts";
import { createDispatcher, type PartOptions, type PartResult } from "./part.ts";
import { type ClosedPlan, shareOf } from "./resolve-plan.ts";
import { levelSteps } from "./stages.ts";

/** What became of a request: none may be sent any more, its phase was over before limits let it go, or it was sent and was answered, or was not. */
type Sent = "over" | "late" | "answered" | "failed";

/**
 * Keeps as many requests in flight as its part of the plan wants, a new one when one ends, or as many conversations. Rejects with what `send` or
 * `onRecord` reject with.
 */
export async function runClosedLoop(options: PartOptions<ClosedPlan>): Promise<PartResult> {
  const { plan, part, board, clock, startNs } = options;
  const { concurrency, thinkTimeNs, stages } = plan.load;
  const dispatcher = createDispatcher(options);
  const over = new AbortController();
  const resting = AbortSignal.any([over.signal, dispatcher.stopSignal]);
  setMaxListeners(0, resting);
  const queue = new PQueue({ concurrency: 1 });
  const order = createOrder(plan);
  const conversationAt = createConversations(plan, options.turnsOf);
  let wanted = 0;
  let running = 0;
  let gaveUp = false;

  const isOver = (): boolean => over.signal.aborted || dispatcher.stopped() || board.isOver(clock.nowNs());

  /** Sends the next request, of a conversation where there is one, unless limits hold it back until the time of its phase is up: another one may come after it. */
  async function sendNext(conversation: Conversation | null, said: number): Promise<Sent> {
    await options.begin?.();
    const turn = dispatcher.stopped() ? null : board.takeTurn(clock.nowNs());
    if (turn === null) return "over";
    const { index, phase, place } = turn;
    const asked = conversation?.asked ?? order(phase, place);
    const { granted } = await dispatcher.admit(asked.target, () => !board.isPast(turn, clock.nowNs()));
    if (!granted) {
      gaveUp ||= dispatcher.stopped();
      return dispatcher.stopped() ? "over" : "late";
    }
    board.enter(turn, clock.nowNs());
    const { shard } = plan;
    const own = conversation === null ? {} : { conversation: conversation.at(said) };
    const record = await dispatcher.deliver({ index: index * shard.of + shard.index, phase, dueNs: null, ...asked, ...own });
    if (thinkTimeNs > 0 && !isOver()) await clock.sleepUntil(clock.nowNs() + BigInt(thinkTimeNs), resting);
    return record !== null && isAnswered(record) ? "answered" : "failed";
  }

  /** Sends one request, or one conversation to its end. */
  async function runOne(): Promise<void> {
    const conversation = conversationAt?.(Number(board.cells.conversations.update((count) => count + 1n))) ?? null;
    const turns = conversation?.turns ?? 1;
    for (let said = 0; said < turns;) {
      const sent = await sendNext(conversation, said);
      if (sent === "over") return over.abort();
      if (sent === "failed" || turns === 1) return;
      if (sent === "answered") said += 1;
    }
  }

  /** Adds requests until there are as many as are wanted. Each calls it again before it leaves the queue, so that the queue is idle only when all is over. */
  function fill(): void {
    while (running < wanted && !isOver()) {
      running += 1;
      void queue.add(async () => {
        await runOne();
        running -= 1;
        fill();
      });
    }
  }

  for (const { atNs, level } of levelSteps({ from: concurrency, stages }, plan.resume?.elapsedNs)) {
    await clock.sleepUntil(startNs + BigInt(atNs), resting);
    if (isOver()) break;
    wanted = shareOf(level, part);
    if (wanted > 0) queue.concurrency = wanted;
    fill();
  }
  await queue.onIdle();
  dispatcher.check();
  return { stopped: gaveUp || (dispatcher.stopped() && !board.isOver(clock.nowNs())), schedule: null };
}
