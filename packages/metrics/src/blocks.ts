import { highestOf, type Histogram } from "./histogram.ts";

/** The samples of a bin of time. */
export interface SampleBin {
  /** By how many widths the bin begins after the epoch. */
  readonly index: number;
  readonly histogram: Histogram;
}

/** The samples of one measure of a group, and when they came. */
export interface SampleSeries {
  /** All samples. */
  readonly histogram: Histogram;
  /** How many independent samples these are worth where the bins cannot tell: of gaps, as many as there are requests. */
  readonly independent: number;
  /** The width of the bins. */
  readonly binNs: number;
  /** In order of time; empty where it is not known when the samples came. */
  readonly bins: readonly SampleBin[];
}

/** The samples of a group, cut into blocks: each is a stretch of time, and their order is that of time. */
export interface GroupBlocks {
  readonly blocks: number;
  /** All samples. */
  readonly samples: number;
  /** By block. */
  readonly sizes: Float64Array;
  /** How many samples of block `b` do not exceed value `v`, at `v × blocks + b`. */
  readonly cumulative: Float64Array;
}

/** Two groups in blocks, over one list of values. */
export interface BlockPair {
  /** All values that occur in either, to the histograms' resolution, in ascending order. */
  readonly values: Float64Array;
  readonly base: GroupBlocks;
  readonly candidate: GroupBlocks;
  /** Whether block `b` of one group is of the same time as block `b` of the other. */
  readonly paired: boolean;
  /** Whether the blocks tell how far samples depend on one another. If not, there is one block for each group. */
  readonly timed: boolean;
}

/**
 * Neighbouring bins are joined into about so many blocks. In simulations with as many, the lag-one correction of `blockVariance` kept
 * intervals right for AR(1) series of coefficients up to 0.8 from 100 requests on; more blocks were too short for it, fewer cost power.
 */
const MOST_BLOCKS = 24;
/** The spread of fewer blocks says too little of how far the figures would be off in another run. */
const FEWEST_BLOCKS = 8;

/** Which block each bin belongs to. */
type Assignment = ReadonlyMap<number, number>;

const sizeOf = ({ histogram }: SampleBin): number => histogram.moments().count;

/** Joins neighbours so that all blocks hold about as many samples. */
function assignBlocks(bins: readonly SampleBin[]): Assignment {
  const sizes = new Map<number, number>();
  for (const bin of bins) if (sizeOf(bin) > 0) sizes.set(bin.index, (sizes.get(bin.index) ?? 0) + sizeOf(bin));
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const blocks = new Map<number, number>();
  let before = 0;
  let block = -1;
  let previous = Number.NaN;
  for (const [index, size] of [...sizes].toSorted(([left], [right]) => left - right)) {
    const place = sizes.size <= MOST_BLOCKS ? index : Math.floor(((before + size / 2) / total) * MOST_BLOCKS);
    if (place !== previous) block += 1;
    previous = place;
    before += size;
    blocks.set(index, block);
  }
  return blocks;
}

/** The same bins, `times` as wide. */
const widen = (bins: readonly SampleBin[], times: number): readonly SampleBin[] =>
  bins.map(({ index, histogram }) => ({ index: Math.floor(index / times), histogram }));

/** The bins of both at the width of the wider ones; null where they do not fit into one another. */
function alignBins(base: SampleSeries, candidate: SampleSeries): readonly [readonly SampleBin[], readonly SampleBin[]] | null {
  const width = Math.max(base.binNs, candidate.binNs);
  const times = [width / base.binNs, width / candidate.binNs] as const;
  if (!times.every(Number.isInteger)) return null;
  return [widen(base.bins, times[0]), widen(candidate.bins, times[1])];
}

/** The values that occur, and the place of each bucket's among them. */
interface ValueList {
  readonly values: Float64Array;
  readonly places: Int32Array;
}

function listValues(base: Histogram, candidate: Histogram): ValueList {
  const [bases, candidates] = [base.counts(), candidate.counts()];
  const places = new Int32Array(Math.max(bases.length, candidates.length));
  const values: number[] = [];
  for (let bucket = 0; bucket < places.length; bucket += 1) {
    if ((bases[bucket] ?? 0) + (candidates[bucket] ?? 0) === 0) continue;
    places[bucket] = values.length;
    values.push(highestOf(bucket));
  }
  return { values: Float64Array.from(values), places };
}

/** Counts the bins' samples block by block; bins that are in no block have none. */
function tabulate(bins: readonly SampleBin[], assignment: Assignment, { values, places }: ValueList): GroupBlocks {
  const blocks = Math.max(-1, ...assignment.values()) + 1;
  const cumulative = new Float64Array(values.length * blocks);
  for (const { index, histogram } of bins) {
    const block = assignment.get(index);
    if (block === undefined) continue;
    histogram.eachBucket((bucket, count) => {
      const at = (places[bucket] ?? 0) * blocks + block;
      cumulative[at] = (cumulative[at] ?? 0) + count;
    });
  }
  for (let at = blocks; at < cumulative.length; at += 1) cumulative[at] = (cumulative[at] ?? 0) + (cumulative[at - blocks] ?? 0);
  const sizes = cumulative.slice(cumulative.length - blocks);
  return { blocks, sizes, cumulative, samples: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Whether samples are spread over enough blocks: as well as over so many of equal size (Kish's measure). */
function isSpread(sizes: Float64Array): boolean {
  const samples = sizes.reduce((sum, size) => sum + size, 0);
  return samples > 0 && samples * samples >= FEWEST_BLOCKS * sizes.reduce((sum, size) => sum + size * size, 0);
}

/** The same stretches of time for both; null where not enough of them have samples of both. */
function pair(base: SampleSeries, candidate: SampleSeries, list: ValueList): BlockPair | null {
  const aligned = alignBins(base, candidate);
  if (aligned === null) return null;
  const assignment = assignBlocks(aligned.flat());
  const [ofBase, ofCandidate] = [tabulate(aligned[0], assignment, list), tabulate(aligned[1], assignment, list)];
  const shared = ofBase.sizes.map((size, block) => Math.min(size, ofCandidate.sizes[block] ?? 0));
  if (![ofBase.sizes, ofCandidate.sizes, shared].every(isSpread)) return null;
  return { values: list.values, base: ofBase, candidate: ofCandidate, paired: true, timed: true };
}

/** The blocks of a group by itself; null where its samples are in too few of them. */
function cut({ bins }: SampleSeries, list: ValueList): GroupBlocks | null {
  const blocks = tabulate(bins, assignBlocks(bins), list);
  return isSpread(blocks.sizes) ? blocks : null;
}

const whole = ({ histogram }: SampleSeries, list: ValueList): GroupBlocks => tabulate([{ index: 0, histogram }], new Map([[0, 0]]), list);

/**
 * Cuts two groups into blocks: into the same stretches of time where `paired` and where both have samples throughout; else each by itself.
 * Where either has no bins, or its samples are in too few of them, each is one block that says nothing of time. Both must have samples.
 */
export function pairBlocks(base: SampleSeries, candidate: SampleSeries, paired: boolean): BlockPair {
  const list = listValues(base.histogram, candidate.histogram);
  const together = paired ? pair(base, candidate, list) : null;
  if (together !== null) return together;
  const [ofBase, ofCandidate] = [cut(base, list), cut(candidate, list)];
  if (ofBase !== null && ofCandidate !== null)
    return { values: list.values, base: ofBase, candidate: ofCandidate, paired: false, timed: true };
  return { values: list.values, base: whole(base, list), candidate: whole(candidate, list), paired: false, timed: false };
}

/** How many of a group's samples do not exceed the value at a place. */
export function samplesUpTo({ blocks, cumulative }: GroupBlocks, place: number): number {
  let count = 0;
  for (let at = place * blocks; at < (place + 1) * blocks; at += 1) count += cumulative[at] ?? 0;
  return count;
}
