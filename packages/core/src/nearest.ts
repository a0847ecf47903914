/** The word that is most likely meant by `typed`: at most a third of its letters wrong, two letters swapped counting once. Null when none is near. */
export function nearest(typed: string, words: readonly string[]): string | null {
  // What is longer than any word needs no distance, which takes time by the square.
  const wanted = typed.slice(0, 60).toLowerCase();
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const word of words) {
    const distance = editDistance(wanted, word.toLowerCase());
    if (distance < bestDistance) {
      best = word;
      bestDistance = distance;
    }
  }
  return best;
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const at = (rowsBack: number, columnsBack: number): number =>
        (rowsBack === 0 ? current : rows[row - rowsBack])?.[column - columnsBack] ?? Infinity;
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(Math.min(at(1, 0) + 1, at(0, 1) + 1, at(1, 1) + (same ? 0 : 1), swapped ? at(2, 2) + 1 : Infinity));
    }
    rows.push(current);
  }
  return rows[a.length]?.[b.length] ?? Infinity;
}
