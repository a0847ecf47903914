import { twoSidedTail } from "./student.ts";

const HIGHEST_LIKENESS = 0.9;
const FEWEST_DEGREES = 3;
const TREND_DEGREE = 3;

/** Takes out of values, in order of time, the polynomial of that degree that fits best: by Gram and Schmidt, power by power. */
function withoutCurve(values: readonly number[], degree: number): readonly number[] {
  const dot = (left: readonly number[], right: readonly number[]): number =>
    left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
  const minus = (from: readonly number[], times: number, what: readonly number[]): readonly number[] =>
    from.map((value, index) => value - times * (what[index] ?? 0));
  const basis: (readonly number[])[] = [];
  let rest = values;
  for (let power = 0; power <= degree; power += 1) {
    let next: readonly number[] = values.map((_, index) => ((2 * index) / (values.length - 1) - 1) ** power);
    for (const known of basis) next = minus(next, dot(next, known), known);
    const length = Math.sqrt(dot(next, next));
    next = next.map((value) => value / length);
    basis.push(next);
    rest = minus(rest, dot(rest, next), next);
  }
  return rest;
}

/** Ranks about their mean; ties in the order in which they came. */
function centredRanks(values: readonly number[]): Float64Array {
  const order = values.map((_, index) => index).toSorted((left, right) => (values[left] ?? 0) - (values[right] ?? 0));
  const ranks = new Float64Array(values.length);
  order.forEach((index, rank) => (ranks[index] = rank - (values.length - 1) / 2));
  return ranks;
}

/**
 * How alike neighbours are when the trend is taken out: rank correlation of lag one. A cubic is taken for the trend, since about a line a trend that
 * levels off would itself seem a likeness; of a fit with 4 coefficients the correlation comes out too small by 4/n.
 */
function likenessOfNeighbours(values: readonly number[]): number {
  const ranks = centredRanks(withoutCurve(values, TREND_DEGREE));
  let squares = 0;
  let products = 0;
  ranks.forEach((rank, index) => {
    squares += rank * rank;
    products += rank * (ranks[index + 1] ?? 0);
  });
  return Math.min(HIGHEST_LIKENESS, Math.max(0, products / squares + (TREND_DEGREE + 1) / values.length));
}

/** By what the variance of the statistic is smaller where values are equal. */
function tieTerm(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum + count * (count - 1) * (2 * count + 5), 0);
}

/** Values to be judged; of fewer, not even a perfect order could be told from chance. */
export const FEWEST_IN_TREND = 12;

/**
 * How likely values in order of time rise or fall this steadily without a trend: Mann and Kendall's test, two-sided. Neighbours that are
 * alike, as when a congestion outlasts them, make for less evidence: the variance grows by (1 + r) / (1 − r), r being their likeness, and Student's
 * distribution stands in for the normal one. 1 for fewer than 12 values, or where all are equal.
 */
export function trendPValue(values: readonly number[]): number {
  const count = values.length;
  let concordance = 0;
  values.forEach((early, at) => {
    for (let later = at + 1; later < count; later += 1) concordance += Math.sign((values[later] ?? 0) - early);
  });
  const variance = (count * (count - 1) * (2 * count + 5) - tieTerm(values)) / 18;
  if (count < FEWEST_IN_TREND || variance === 0) return 1;
  const likeness = likenessOfNeighbours(values);
  const persistence = (1 + likeness) / (1 - likeness);
  const distance = Math.max(0, Math.abs(concordance) - 1) / Math.sqrt(variance * persistence);
  return twoSidedTail(distance, Math.max(FEWEST_DEGREES, (count - 2) / persistence));
}
