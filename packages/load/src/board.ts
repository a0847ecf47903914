import type { RequestPhase } from "@lens/core";
import type { PhaseLimit } from "./resolve-plan.ts";

/** What stopped a run before its end. */
export type EarlyStop = "signal" | "budget";

/** A place in the run, as a slot of a closed loop takes it. */
export interface Turn {
  readonly index: number;
  readonly phase: RequestPhase;
}

/** What ended a phase. */
export type PhaseEnd = "requests" | "duration";

/** The numbers that all threads of a run share. Instants are the clock's; money is in billionths of a dollar. */
export interface Board {
  /** The memory itself, to be handed to other threads. */
  readonly buffer: SharedArrayBuffer;
  /** The next place of a closed loop; null when the last phase is over. */
  takeTurn(nowNs: bigint): Turn | null;
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
  readonly cells: SharedCells;
}

/** Single cells that a part of the engine works on by itself. */
export interface SharedCells {
  read(cell: CellName): bigint;
  add(cell: CellName, value: bigint): void;
  /** Replaces a value by what `next` makes of it; `next` may be called again when another thread was quicker. Returns the value before. */
  update(cell: CellName, next: (value: bigint) => bigint): bigint;
}

/** Cells by name. `…Tat`: when a bucket is empty (see limits.ts). */
export type CellName = keyof typeof CELLS;

const CELLS = { heldUntilNs: 0, requestTatNs: 1, tokenTatNs: 2, spentNanoUsd: 3, reserveNanoUsd: 4, costInFlight: 5 } as const;
const PHASE = 6;
const CAUSE = 7;
const NEXT_INDEX = 8;
const BY_TIME = 9;
const PHASE_STARTS = 10;
/** One more than there can be phases: the last one's end is noted as a beginning, too. */
const PHASE_TURNS = 14;
const LATEST_PHASE = 17;
/** From here on, two cells a worker: requests begun, and requests ended. */
const WORKERS = 18;
const UNSET = -1n;
const begunCell = (worker: number): number => WORKERS + 2 * worker;
const endedCell = (worker: number): number => begunCell(worker) + 1;
const CAUSES: readonly (EarlyStop | null)[] = [null, "signal", "budget"];
const PHASES: readonly (RequestPhase | null)[] = [null, "warmup", "measured", "drain"];

/** Memory for a run with so many threads; nothing has begun. */
export function createBoardMemory(threads: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer((WORKERS + 2 * threads) * BigInt64Array.BYTES_PER_ELEMENT);
  new BigInt64Array(buffer).fill(UNSET, PHASE_STARTS, PHASE_TURNS);
  return buffer;
}

/** A view of the memory, in the thread that calls. */
export function openBoard(buffer: SharedArrayBuffer, phases: readonly PhaseLimit[]): Board {
  const cells = new BigInt64Array(buffer);
  const load = (cell: number): bigint => Atomics.load(cells, cell);

  function begin(at: number, atNs: bigint): bigint {
    const before = Atomics.compareExchange(cells, PHASE_STARTS + at, UNSET, atNs);
    return before === UNSET ? atNs : before;
  }

  function endOf(at: number, { requests, durationNs }: PhaseLimit, nowNs: bigint): PhaseEnd | null {
    if (requests !== null && load(PHASE_TURNS + at) >= BigInt(requests)) return "requests";
    const startNs = load(PHASE_STARTS + at);
    const elapsedNs = startNs === UNSET ? 0n : nowNs - startNs;
    return durationNs !== null && elapsedNs >= BigInt(durationNs) ? "duration" : null;
  }

  return {
    buffer,
    takeTurn(nowNs) {
      for (;;) {
        const at = Number(load(PHASE));
        const limit = phases[at];
        if (limit === undefined) return null;
        const startNs = begin(at, nowNs);
        const end = endOf(at, limit, nowNs);
        if (end === null && (limit.requests === null || Atomics.add(cells, PHASE_TURNS + at, 1n) < BigInt(limit.requests))) {
          return { index: Number(Atomics.add(cells, NEXT_INDEX, 1n)), phase: limit.phase };
        }
        if (end === "duration") begin(at + 1, startNs + BigInt(limit.durationNs ?? 0));
        const advanced = Atomics.compareExchange(cells, PHASE, BigInt(at), BigInt(at + 1)) === BigInt(at);
        if (advanced && limit.phase === "measured" && end === "duration") Atomics.store(cells, BY_TIME, 1n);
      }
    },
    isOver: (nowNs) => phases.every((limit, at) => at < Number(load(PHASE)) || endOf(at, limit, nowNs) !== null),
    measuredEnd(nowNs) {
      const at = phases.findIndex(({ phase }) => phase === "measured");
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
      read: (cell) => load(CELLS[cell]),
      add: (cell, value) => void Atomics.add(cells, CELLS[cell], value),
      update(cell, next) {
        for (;;) {
          const before = load(CELLS[cell]);
          if (Atomics.compareExchange(cells, CELLS[cell], before, next(before)) === before) return before;
        }
      },
    },
  };
}
