import { setMaxListeners } from "node:events";
import PQueue from "p-queue";
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
  let wanted = 0;
  let running = 0;

  const isOver = (): boolean => over.signal.aborted || dispatcher.stopped() || board.isOver(clock.nowNs());

  async function runOne(): Promise<void> {
    const { granted } = await dispatcher.admit(() => !isOver());
    const turn = granted ? board.takeTurn(clock.nowNs()) : null;
    if (turn === null) {
      if (granted) dispatcher.decline();
      return over.abort();
    }
    const { shard } = plan;
    await dispatcher.deliver({ index: turn.index * shard.of + shard.index, phase: turn.phase, dueNs: null });
    if (thinkTimeNs > 0 && !isOver()) await clock.sleepUntil(clock.nowNs() + BigInt(thinkTimeNs), resting);
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

  for (const { atNs, level } of levelSteps({ from: concurrency, stages })) {
    await clock.sleepUntil(startNs + BigInt(atNs), resting);
    if (isOver()) break;
    wanted = shareOf(level, part);
    if (wanted > 0) queue.concurrency = wanted;
    fill();
  }
  await queue.onIdle();
  dispatcher.check();
  return { stopped: dispatcher.stopped() && !board.isOver(clock.nowNs()), schedule: null };
}
