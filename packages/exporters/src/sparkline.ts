const LEVELS = "▁▂▃▄▅▆▇█";

/**
 * Values as a line of bars from 0 to the largest; a value that is not known leaves a blank. Where there are more than `columns`, each bar is the
 * largest of its share.
 */
export function sparkline(values: readonly (number | null)[], columns: number): string {
  const largest = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  const bins = Math.min(columns, values.length);
  return Array.from({ length: bins }, (_, bin) => {
    const share = values.slice(Math.floor((bin * values.length) / bins), Math.floor(((bin + 1) * values.length) / bins));
    const known = share.filter((value) => value !== null);
    if (known.length === 0) return " ";
    const level = largest === 0 ? 0 : Math.round((Math.max(...known) / largest) * (LEVELS.length - 1));
    return LEVELS[level];
  }).join("");
}
