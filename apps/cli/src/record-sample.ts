import { createRandom, type RequestRecord } from "@lens/core";

/** A few of many records. */
export interface RecordSample {
  add(record: RequestRecord): void;
  /** The slowest of those that count, and some chosen by chance, in no order. */
  records(): readonly RequestRecord[];
}

const SLOWEST = 50;
const BY_CHANCE = 200;
const SEED = 1;

/** Starts a sample of the measured requests, for formats that show single ones: the slowest of all, and as many others as tell what is typical. */
export function createRecordSample(): RecordSample {
  const random = createRandom(SEED, 0);
  const slowest: RequestRecord[] = [];
  const chosen: RequestRecord[] = [];
  let seen = 0;
  return {
    add(record) {
      if (record.phase !== "measured") return;
      seen += 1;
      // Each has the same chance to be among those that are left in the end.
      const place = chosen.length < BY_CHANCE ? chosen.length : Math.floor(random.uniform() * seen);
      if (place < BY_CHANCE) chosen[place] = record;
      if (slowest.length === SLOWEST && record.endNs <= (slowest.at(-1)?.endNs ?? 0)) return;
      slowest.push(record);
      slowest.sort((one, other) => other.endNs - one.endNs);
      slowest.length = Math.min(slowest.length, SLOWEST);
    },
    records: () => [...new Set([...slowest, ...chosen])],
  };
}
