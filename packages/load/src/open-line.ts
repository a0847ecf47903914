import type { RequestRecord } from "@lens/core";
import type { Dispatcher, PartOptions } from "./part.ts";
import { type OpenPlan, shareOf } from "./resolve-plan.ts";
import type { Obstacle, PlannedRequest } from "./schedule.ts";

/** The line in which requests of an open loop stand until they may be sent. */
export interface Line {
  /** Waits for a request's time; of many that are overdue, lets answers be read between them. */
  untilDue(dueNs: bigint): Promise<void>;
  /** Waits until a request to a target may be sent; false where nothing may be sent any more. */
  admit(target: number): Promise<boolean>;
  /** What a request that was due then stood behind; null where nothing held it up. */
  behind(dueNs: bigint): Obstacle | null;
  /** Sends a request that was admitted. Resolves as `Dispatcher.deliver` does. */
  deliver(request: PlannedRequest, dueNs: bigint): Promise<RequestRecord | null>;
}

/** How many overdue requests are sent in one turn of the event loop: a few milliseconds of work, so that answers are still read. */
const MOST_PER_TURN = 16;

/** An empty line. */
export function createLine({ plan, part, clock, startNs }: PartOptions<OpenPlan>, dispatcher: Dispatcher): Line {
  const mostInFlight = plan.load.maxInFlight === null ? Number.POSITIVE_INFINITY : shareOf(plan.load.maxInFlight, part);
  let inFlight = 0;
  let waiting: (() => void)[] = [];
  /** Until when, and by what, the line was last held up. Whatever was due meanwhile stood in it; what was due before the run was resumed did, too. */
  let heldUntilNs = startNs + BigInt(plan.resume?.elapsedNs ?? 0);
  let heldBy: Obstacle = "slot";
  let sentThisTurn = 0;

  const untilOneEnds = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
    });

  function heldUp(obstacle: Obstacle): void {
    heldUntilNs = clock.nowNs();
    heldBy = obstacle;
    sentThisTurn = 0;
  }

  return {
    async untilDue(dueNs) {
      if (dueNs > clock.nowNs()) {
        sentThisTurn = 0;
        await clock.sleepUntil(dueNs, dispatcher.stopSignal);
      } else if (++sentThisTurn % MOST_PER_TURN === 0) await clock.sleepUntil(clock.nowNs() + 1n);
    },
    async admit(target) {
      for (let full = dispatcher.untilRecordsFlow(); full !== null; full = dispatcher.untilRecordsFlow()) {
        await full;
        heldUp("records");
      }
      while (inFlight >= mostInFlight) {
        await untilOneEnds();
        heldUp("slot");
      }
      const { granted, waited } = await dispatcher.admit(target, () => true);
      if (waited) heldUp("limit");
      return granted;
    },
    behind: (dueNs) => (heldUntilNs > dueNs ? heldBy : null),
    async deliver(request, dueNs) {
      inFlight += 1;
      const record = await dispatcher.deliver({ ...request, dueNs });
      inFlight -= 1;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
      return record;
    },
  };
}
