/** How the time to first token rises while the simulator runs: in a straight line from its start, and then it stays. */
export interface Drift {
  /** By how much in the end, as a share: 0.5 is half as much again. */
  readonly share: number;
  /** How long it rises. */
  readonly overMs: number;
}

const NS_PER_MS = 1e6;

/** What a time to first token is multiplied by, so long after the simulator's start. */
export function driftFactor(drift: Drift | null, ageNs: number): number {
  return drift === null ? 1 : 1 + drift.share * Math.min(1, ageNs / (drift.overMs * NS_PER_MS));
}
