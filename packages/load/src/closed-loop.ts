import { setMaxListeners } from "node:events";
import PQueue from "p-queue";
import type { Turn } from "./board.ts";
import { createOrder } from "./order.ts";
import { createDispatcher, type PartOptions, type PartResult } from "./part.ts";
import { type ClosedPlan, shareOf } from "./resolve-plan.ts";
import { levelSteps } from "./stages.ts";

/**
 * Keeps as many requests in flight as its part of the plan wants, a new one when one ends. Rejects with what `send` or `onRecord` reject with.
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
  let wanted = 0;
  let running = 0;
  let gaveUp = false;

  const isOver = (): boolean => over.signal.aborted || dispatcher.stopped() || board.isOver(clock.nowNs());

  /** Sends one turn, unless limits hold it back until the time of its phase is up: another one may come after it. False when no more may be sent. */
  async function sendTurn(turn: Turn): Promise<boolean> {
    const { index, phase, place } = turn;
    const asked = order(phase, place);
    const { granted } = await dispatcher.admit(asked.target, () => !board.isPast(turn, clock.nowNs()));
    if (!granted) {
      gaveUp ||= dispatcher.stopped();
      return !dispatcher.stopped();
    }
    board.enter(turn, clock.nowNs());
    const { shard } = plan;
    await dispatcher.deliver({ index: index * shard.of + shard.index, phase, dueNs: null, ...asked });
    if (thinkTimeNs > 0 && !isOver()) await clock.sleepUntil(clock.nowNs() + BigInt(thinkTimeNs), resting);
    return true;
  }

  async function runOne(): Promise<void> {
    const turn = dispatcher.stopped() ? null : board.takeTurn(clock.nowNs());
    if (turn === null || !(await sendTurn(turn))) over.abort();
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
