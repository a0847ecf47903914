const LEVELS = "▁▂▃▄▅▆▇█";

/** Values as a line of bars from 0 to the largest; where there are more than `columns`, each bar is the largest of its share. */
export function sparkline(values: readonly number[], columns: number): string {
  const largest = Math.max(0, ...values);
  const bins = Math.min(columns, values.length);
  return Array.from({ length: bins }, (_, bin) => {
    const share = values.slice(Math.floor((bin * values.length) / bins), Math.floor(((bin + 1) * values.length) / bins));
    const level = largest === 0 ? 0 : Math.round((Math.max(...share) / largest) * (LEVELS.length - 1));
    return LEVELS[level];
  }).join("");
}
