/**
 * Holm's correction (1979): p-values that hold for all tests of a family together, the most telling one as in Bonferroni's, each
 * further one by less. Null stays null, and is not counted.
 */
export function holm(pValues: readonly (number | null)[]): readonly (number | null)[] {
  const ascending = pValues
    .flatMap((pValue, index) => (pValue === null ? [] : [{ pValue, index }]))
    .toSorted((left, right) => left.pValue - right.pValue);
  const adjusted: (number | null)[] = pValues.map(() => null);
  let highest = 0;
  ascending.forEach(({ pValue, index }, place) => {
    highest = Math.max(highest, Math.min(1, pValue * (ascending.length - place)));
    adjusted[index] = highest;
  });
  return adjusted;
}
