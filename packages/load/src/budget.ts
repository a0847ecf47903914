import type { RequestRecord } from "@lens/core";
import type { Board } from "./board.ts";

/** What a run may cost. */
export interface Budget {
  readonly maxCostUsd: number;
  /** What one request may cost at most, at the dearest of several targets: reserved while it is in flight. A request that cost more raises it. */
  readonly reserveUsd: number;
  /** What a request did cost; null, which counts as the reserve, where that is not known. */
  readonly costOf: (record: RequestRecord) => number | null;
}

/** The sender's side of a budget. */
export interface Purse {
  /** Sets the reserve for one request aside; false where the budget does not hold it any more. */
  reserve(): boolean;
}

const NANO = 1e9;
const toNanoUsd = (usd: number): bigint => BigInt(Math.ceil(usd * NANO));

/**
 * A purse with so much in it; null gives from one without a bottom. What is in flight counts at its full reserve, so the budget
 * cannot be passed unless a request costs more than was reserved for it; what is left at the end is less than the reserves were.
 */
export function openPurse(maxCostUsd: number | null, { cells }: Board): Purse {
  if (maxCostUsd === null) return { reserve: () => true };
  const maxNanoUsd = toNanoUsd(maxCostUsd);
  return {
    reserve() {
      // Counted before it is looked at, so that two threads cannot both take the last of it.
      cells.costInFlight.add(1n);
      const fits = cells.spentNanoUsd.read() + cells.costInFlight.read() * cells.reserveNanoUsd.read() <= maxNanoUsd;
      if (!fits) cells.costInFlight.add(-1n);
      return fits;
    },
  };
}

/** Fills in what requests may cost; call it before anything is sent. Returns what takes in what each did cost. */
export function openLedger({ reserveUsd, costOf }: Budget, { cells }: Board): (record: RequestRecord) => void {
  cells.reserveNanoUsd.add(toNanoUsd(reserveUsd));
  return (record) => {
    const costUsd = costOf(record);
    const spent = costUsd === null ? cells.reserveNanoUsd.read() : toNanoUsd(costUsd);
    cells.reserveNanoUsd.update((reserve) => (spent > reserve ? spent : reserve));
    // In this order a reader in between sees too much spent, never too little.
    cells.spentNanoUsd.add(spent);
    cells.costInFlight.add(-1n);
  };
}
