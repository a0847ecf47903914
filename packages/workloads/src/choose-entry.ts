import type { RequestPhase } from "@lens/core";
import { randomFor } from "./chance.ts";

/**
 * Which entry is asked when: one after the other, all of them in an order drawn anew each time round, or by chance, each as often as its weight says.
 */
export type EntryOrder = "in-turn" | "shuffled" | "weighted";

/** Chooses the entry for a turn, from 0. It depends on the seed, the phase and the turn alone. */
export type ChooseEntry = (phase: RequestPhase, turn: number) => number;

const ROUNDS = 4;

/** The bits of a whole number, well mixed (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/**
 * One order of `count` places, which takes no memory: a Feistel network over the least square that holds them, walked along until a place is met
 * (Black and Rogaway, Ciphers with Arbitrary Finite Domains).
 */
function createPermutation(count: number, keys: readonly number[]): (place: number) => number {
  const halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, count)) / 2));
  const mask = 2 ** halfBits - 1;
  return (place) => {
    let found = place;
    do {
      let left = Math.floor(found / (mask + 1));
      let right = found % (mask + 1);
      for (const key of keys) [left, right] = [right, (left ^ mix(right ^ key)) & mask];
      found = left * (mask + 1) + right;
    } while (found >= count);
    return found;
  };
}

function shuffled(count: number, seed: number): ChooseEntry {
  const kept = new Map<string, (place: number) => number>();
  return (phase, turn) => {
    const time = Math.floor(turn / count);
    const name = `${phase}/${time}`;
    let permute = kept.get(name);
    if (permute === undefined) {
      const random = randomFor(seed, "order", phase, time);
      permute = createPermutation(
        count,
        Array.from({ length: ROUNDS }, () => random.word()),
      );
      // Requests in flight are of this time round and the one before.
      if (kept.size > 2) kept.clear();
      kept.set(name, permute);
    }
    return permute(turn % count);
  };
}

function weighted(weights: readonly number[], seed: number): ChooseEntry {
  const sums = new Float64Array(weights.length);
  let total = 0;
  for (const [place, weight] of weights.entries()) sums[place] = total += weight;
  return (phase, turn) => {
    const drawn = randomFor(seed, "order", phase, turn).uniform() * total;
    let low = 0;
    for (let high = sums.length - 1; low < high;) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? 0) > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** What entries are chosen from. */
export interface ChoiceOptions {
  readonly order: EntryOrder;
  readonly count: number;
  /** One for each entry, of which one at least is above 0. */
  readonly weights: readonly number[];
  readonly seed: number;
}

/** Creates a choice. */
export function createChoice({ order, count, weights, seed }: ChoiceOptions): ChooseEntry {
  switch (order) {
    case "in-turn":
      return (_phase, turn) => turn % count;
    case "shuffled":
      return shuffled(count, seed);
    case "weighted":
      return weighted(weights, seed);
  }
}
