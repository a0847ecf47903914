import type { RequestPhase } from "@lens/core";
import type { PhaseLimit, ResolvedPlan } from "./resolve-plan.ts";
import { countSentOf, placeOf, sentOf } from "./resume.ts";

/** What stopped a run before its end. */
export type EarlyStop = "signal" | "budget";

/** A place in the run, as a slot of a closed loop takes it. */
export interface Turn {
  readonly index: number;
  readonly phase: RequestPhase;
  /** Its place in the phase, from 0. */
  readonly place: number;
}

/** What ended a phase. */
export type PhaseEnd = "requests" | "duration";

/** The numbers that all threads of a run share. Instants are the clock's; money is in billionths of a dollar. */
export interface Board {
  /** The memory itself, to be handed to other threads. */
  readonly buffer: SharedArrayBuffer;
  /** Takes in what a run that is resumed has sent before, as if it had been sent here: once, and before all else. */
  resume(startNs: bigint): void;
  /** The next place of a closed loop; null when the last phase is over. */
  takeTurn(nowNs: bigint): Turn | null;
  /** Whether the time of a turn's phase is up, so that it may not be sent any more. */
  isPast(turn: Turn, nowNs: bigint): boolean;
  /** Notes that a turn is sent: the time of a phase counts from the first of its turns that is. */
  enter(turn: Turn, nowNs: bigint): void;
  /** Whether `takeTurn` has nothing more to give. */
  isOver(nowNs: bigint): boolean;
  /** What ended the measured phase of a closed loop; null where it has not ended. */
  measuredEnd(nowNs: bigint): PhaseEnd | null;
  /** Stops all threads from sending. The first cause counts. */
  stop(cause: EarlyStop): void;
  stopped(): EarlyStop | null;
  /** Counts a request that `worker` sends. */
  begin(worker: number, phase: RequestPhase): void;
  /** Counts one of them as over, whether its record has been taken or not. */
  end(worker: number): void;
  begun(worker: number): number;
  /** Requests of a worker that are in flight. */
  inFlight(worker: number): number;
  /** The phase of the latest request; null before the first. */
  latestPhase(): RequestPhase | null;
  /** Cells that a part of the engine works on by itself. */
  readonly cells: Readonly<Record<keyof typeof CELLS, SharedCell>>;
  /** One a target. */
  readonly buckets: readonly Buckets[];
}

/** A number that all threads share. */
export interface SharedCell {
  read(): bigint;
  add(value: bigint): void;
  /** Replaces the value by what `next` makes of it; `next` may be called again when another thread was quicker. Returns the value before. */
  update(next: (value: bigint) => bigint): bigint;
}

/** When the buckets of a target's limits are empty (see limits.ts). */
export interface Buckets {
  readonly requestTatNs: SharedCell;
  readonly tokenTatNs: SharedCell;
}

const CELLS = { heldUntilNs: 0, spentNanoUsd: 1, reserveNanoUsd: 2, costInFlight: 3, conversations: 16 } as const;
const PHASE = 4;
const CAUSE = 5;
const NEXT_INDEX = 6;
const BY_TIME = 7;
const PHASE_STARTS = 8;
/** One more than there can be phases: the last one's end is noted as a beginning, too. */
const PHASE_TURNS = 12;
const LATEST_PHASE = 15;
/** From here on, two cells a target: its buckets. Then two a worker: requests begun, and requests ended. */
const BUCKETS = 17;
const UNSET = -1n;
const CAUSES: readonly (EarlyStop | null)[] = [null, "signal", "budget"];
const PHASES: readonly (RequestPhase | null)[] = [null, "warmup", "measured", "drain"];

/** Memory for a run with so many threads and targets; nothing has begun. */
export function createBoardMemory(threads: number, targets: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer((BUCKETS + 2 * targets + 2 * threads) * BigInt64Array.BYTES_PER_ELEMENT);
  new BigInt64Array(buffer).fill(UNSET, PHASE_STARTS, PHASE_TURNS);
  return buffer;
}

function shareCell(cells: BigInt64Array, at: number): SharedCell {
  return {
    read: () => Atomics.load(cells, at),
    add: (value) => void Atomics.add(cells, at, value),
    update(next) {
      for (;;) {
        const before = Atomics.load(cells, at);
        if (Atomics.compareExchange(cells, at, before, next(before)) === before) return before;
      }
    },
  };
}

/** A view of the memory, in the thread that calls. */
export function openBoard(
  buffer: SharedArrayBuffer,
  { phases, targets, resume }: Pick<ResolvedPlan, "phases" | "targets" | "resume">,
): Board {
  const cells = new BigInt64Array(buffer);
  const load = (cell: number): bigint => Atomics.load(cells, cell);
  const share = (at: number): SharedCell => shareCell(cells, at);
  const begunCell = (worker: number): number => BUCKETS + 2 * targets + 2 * worker;
  const endedCell = (worker: number): number => begunCell(worker) + 1;

  const numberOf = (phase: RequestPhase): number => phases.findIndex((limit) => limit.phase === phase);
  const begin = (at: number, atNs: bigint): bigint => Atomics.compareExchange(cells, PHASE_STARTS + at, UNSET, atNs);

  function isTimeUp(at: number, durationNs: number | null, nowNs: bigint): boolean {
    const startNs = load(PHASE_STARTS + at);
    const elapsedNs = startNs === UNSET ? 0n : nowNs - startNs;
    return durationNs !== null && elapsedNs >= BigInt(durationNs);
  }

  function endOf(at: number, { requests, durationNs }: PhaseLimit, nowNs: bigint): PhaseEnd | null {
    if (requests !== null && load(PHASE_TURNS + at) >= BigInt(requests)) return "requests";
    return isTimeUp(at, durationNs, nowNs) ? "duration" : null;
  }

  return {
    buffer,
    resume(startNs) {
      Atomics.store(cells, NEXT_INDEX, BigInt(resume?.nextIndex ?? 0));
      for (const [at, { phase }] of phases.entries()) {
        const sent = sentOf(resume, phase);
        if (sent === null) continue;
        Atomics.store(cells, PHASE_TURNS + at, BigInt(countSentOf(sent)));
        begin(at, startNs + BigInt(sent.startedNs));
      }
    },
    takeTurn(nowNs) {
      for (;;) {
        const at = Number(load(PHASE));
        const limit = phases[at];
        if (limit === undefined) return null;
        const end = endOf(at, limit, nowNs);
        if (end === null) {
          const count = Number(Atomics.add(cells, PHASE_TURNS + at, 1n));
          if (limit.requests === null || count < limit.requests)
            return {
              index: Number(Atomics.add(cells, NEXT_INDEX, 1n)),
              phase: limit.phase,
              place: placeOf(sentOf(resume, limit.phase), count),
            };
        }
        const startNs = load(PHASE_STARTS + at);
        if (end === "duration" && startNs !== UNSET) begin(at + 1, startNs + BigInt(limit.durationNs ?? 0));
        const advanced = Atomics.compareExchange(cells, PHASE, BigInt(at), BigInt(at + 1)) === BigInt(at);
        if (advanced && limit.phase === "measured" && end === "duration") Atomics.store(cells, BY_TIME, 1n);
      }
    },
    isPast(turn, nowNs) {
      const at = numberOf(turn.phase);
      return isTimeUp(at, phases[at]?.durationNs ?? null, nowNs);
    },
    enter: (turn, nowNs) => void begin(numberOf(turn.phase), nowNs),
    isOver: (nowNs) => phases.every((limit, at) => at < Number(load(PHASE)) || endOf(at, limit, nowNs) !== null),
    measuredEnd(nowNs) {
      const at = numberOf("measured");
      const limit = phases[at];
      if (Number(load(PHASE)) > at) return load(BY_TIME) === 1n ? "duration" : "requests";
      return limit === undefined ? null : endOf(at, limit, nowNs);
    },
    stop: (cause) => void Atomics.compareExchange(cells, CAUSE, 0n, BigInt(CAUSES.indexOf(cause))),
    stopped: () => CAUSES[Number(load(CAUSE))] ?? null,
    begin(worker, phase) {
      Atomics.add(cells, begunCell(worker), 1n);
      Atomics.store(cells, LATEST_PHASE, BigInt(PHASES.indexOf(phase)));
    },
    end: (worker) => void Atomics.add(cells, endedCell(worker), 1n),
    begun: (worker) => Number(load(begunCell(worker))),
    // Ended is read first: a request that begins in between is then in flight, and none is in flight less than once.
    inFlight: (worker) => -Number(load(endedCell(worker))) + Number(load(begunCell(worker))),
    latestPhase: () => PHASES[Number(load(LATEST_PHASE))] ?? null,
    cells: {
      heldUntilNs: share(CELLS.heldUntilNs),
      spentNanoUsd: share(CELLS.spentNanoUsd),
      reserveNanoUsd: share(CELLS.reserveNanoUsd),
      costInFlight: share(CELLS.costInFlight),
      conversations: share(CELLS.conversations),
    },
    buckets: Array.from({ length: targets }, (_, target) => ({
      requestTatNs: share(BUCKETS + 2 * target),
      tokenTatNs: share(BUCKETS + 2 * target + 1),
    })),
  };
}
