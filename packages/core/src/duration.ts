import { LensError } from "./errors.ts";

const NS_PER_UNIT: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, min: 60e9, h: 3600e9 };
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|min|s|m|h)/gy;

/**
 * Reads what people type for a time: a number of milliseconds (`250`) or a duration (`250ms`, `1.5s`, `2m`, `1m30s`).
 * Returns whole nanoseconds. Throws `INVALID_ARGUMENT` for anything else, naming `name`.
 */
export function parseDurationNs(text: string | number, name = "duration"): number {
  const written = String(text).trim();
  const plainMs = /^\d+(\.\d+)?$/.test(written) ? Number(written) : null;
  const totalNs = plainMs === null ? sumParts(written) : plainMs * 1e6;
  if (totalNs === null || !Number.isSafeInteger(Math.round(totalNs))) {
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected ${name} to be milliseconds or a duration such as 250ms, 30s or 5m, got \`${written.slice(0, 60)}\`.`,
    );
  }
  return Math.round(totalNs);
}

function sumParts(written: string): number | null {
  let sumNs = 0;
  PART.lastIndex = 0;
  let end = 0;
  for (let match = PART.exec(written); match !== null; match = PART.exec(written)) {
    sumNs += Number(match[1]) * (NS_PER_UNIT[match[2] ?? ""] ?? Number.NaN);
    end = PART.lastIndex;
  }
  return end > 0 && end === written.length ? sumNs : null;
}

/** A duration for people, in the unit that fits and three significant digits: `950 µs`, `12.4 ms`, `1.25 s`, `2 min 5 s`. */
export function formatDuration(durationNs: number): string {
  const magnitude = Math.abs(durationNs);
  if (magnitude >= 119.5e9) {
    const seconds = Math.round(durationNs / 1e9);
    return `${Math.trunc(seconds / 60)} min ${Math.abs(seconds % 60)} s`;
  }
  if (magnitude >= 999.5e6) return `${significant(durationNs / 1e9)} s`;
  if (magnitude >= 999.5e3) return `${significant(durationNs / 1e6)} ms`;
  if (magnitude >= 999.5) return `${significant(durationNs / 1e3)} µs`;
  return `${Math.round(durationNs)} ns`;
}

function significant(value: number): string {
  const magnitude = Math.abs(value);
  return value.toFixed(magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2);
}
