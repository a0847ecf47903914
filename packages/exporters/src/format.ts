/** A whole number with thousands separators: `12,345`. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count with its word: `1 request`, `2 requests`. */
export function formatPlural(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? "" : "s"}`;
}

/** A count in at most five characters: `9999`, `12.3k`, `1.23M`. */
export function formatShortCount(count: number): string {
  if (count < 10_000) return count.toString();
  const [scaled, unit] = count < 999_500 ? [count / 1e3, "k"] : count < 999_500_000 ? [count / 1e6, "M"] : [count / 1e9, "G"];
  return `${formatNumber(scaled)}${unit}`;
}

/** A number from 0 up to three significant digits, but never less than a thousandth: `1,235`, `123`, `12.3`, `1.23`, `0.012`. */
export function formatNumber(value: number): string {
  if (value === 0) return "0";
  if (value >= 999.5) return formatCount(value);
  return value.toFixed(decimalsOf(value));
}

/** How many decimals show three significant digits, up to three. */
export function decimalsOf(value: number): number {
  return value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3;
}

/** Dollars to three significant digits, however few they are: `$12.30`, `$0.0123`, `$0.0000307`. */
export function formatUsd(usd: number): string {
  if (usd === 0) return "$0";
  if (usd >= 99.95) return `$${formatCount(usd)}`;
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  return `$${usd.toFixed(Math.min(20, 2 - Math.floor(Math.log10(usd))))}`;
}

/** A share from 0 to 1 as a percentage: `0.8 %`. What is more than nothing never reads as 0. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return percent > 0 && percent < 0.05 ? "<0.1 %" : `${percent.toFixed(percent >= 99.95 || percent === 0 ? 0 : 1)} %`;
}

const UTC = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: "UTC" });

/** A wall time: `2026-11-23 10:00:00 UTC`. */
export function formatInstant(atMs: number): string {
  return `${UTC.format(atMs)} UTC`;
}
