/** Unknown and something is something: null only stays where nothing is known. */
export const plus = (sum: number | null, value: number | null): number | null => (value === null ? sum : (sum ?? 0) + value);

/** The sum of one figure of each. */
export function sumOf<T>(parts: readonly T[], figure: (part: T) => number): number {
  return parts.reduce((sum, part) => sum + figure(part), 0);
}

/** As `sumOf`, of figures that need not be known: null only where none is. */
export function sumOfKnown<T>(parts: readonly T[], figure: (part: T) => number | null): number | null {
  return parts.reduce<number | null>((sum, part) => plus(sum, figure(part)), null);
}

/** The largest figure of all; −Infinity for none. */
export function mostOf<T>(parts: readonly T[], figure: (part: T) => number): number {
  return parts.reduce((most, part) => Math.max(most, figure(part)), -Infinity);
}

/** Adds up tables of counts, name by name, in the order in which the names first occur. */
export function sumTables<T extends object>(tables: readonly T[]): T {
  const sums = new Map<string, number>();
  for (const counts of tables)
    for (const [name, count] of Object.entries(counts) as [string, number][]) sums.set(name, (sums.get(name) ?? 0) + count);
  return Object.fromEntries(sums) as T;
}
