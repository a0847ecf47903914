/** An instant as OpenTelemetry takes it: seconds since the epoch, and nanoseconds of the second. */
export type HrTime = [seconds: number, nanoseconds: number];

const MS_PER_SECOND = 1000;
const US_PER_MS = 1000;
const NS_PER_US = 1000;
const NS_PER_SECOND = 1e9;

/** The instant so many nanoseconds after `atMs`, of which a number of milliseconds since the epoch holds a quarter of a microsecond. */
export function hrTime(atMs: number, afterNs = 0): HrTime {
  const seconds = Math.floor(atMs / MS_PER_SECOND);
  const ns = Math.round((atMs - seconds * MS_PER_SECOND) * US_PER_MS) * NS_PER_US + afterNs;
  return [seconds + Math.floor(ns / NS_PER_SECOND), ns % NS_PER_SECOND];
}
