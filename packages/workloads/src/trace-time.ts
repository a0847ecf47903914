const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_MS = 1_000_000n;

/** Whole nanoseconds of so many milliseconds, a fraction included: multiplied at once, an instant of the epoch would lose its microseconds. */
export function msToNs(ms: number): bigint {
  const whole = Math.floor(ms);
  return BigInt(whole) * NS_PER_MS + BigInt(Math.round((ms - whole) * 1e6));
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:Z|([+-])(\d\d):?(\d\d))?$/;

/** Days from 1970-01-01 to a day of the Gregorian calendar (Howard Hinnant, chrono-compatible low-level date algorithms). */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Nanoseconds of the epoch of a date and time such as `2023-11-16 18:17:03.9799600` or `2024-05-10 00:00:00.009930+00:00`; null for what is none. Without an offset it is taken for UTC. */
export function parseDateTimeNs(text: string): bigint | null {
  const match = DATE_TIME.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const isTime = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 23 && minute <= 59 && second <= 60;
  if (!isTime) return null;
  const [, , , , , , , fraction = "", sign, offsetHours, offsetMinutes] = match;
  const offset = sign === undefined ? 0 : (sign === "-" ? -60 : 60) * (Number(offsetHours) * 60 + Number(offsetMinutes));
  const seconds = daysOf(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
  return BigInt(seconds) * NS_PER_SECOND + BigInt(fraction.padEnd(9, "0"));
}

const DECIMAL = /^(\d{1,15})(?:\.(\d{1,9})\d*)?$/;

/** Nanoseconds of so many seconds, such as `118` or `0.25`; null for what is no number from 0 up. */
export function parseSecondsNs(text: string): bigint | null {
  const match = DECIMAL.exec(text);
  return match === null ? null : BigInt(match[1] ?? 0) * NS_PER_SECOND + BigInt((match[2] ?? "").padEnd(9, "0"));
}
