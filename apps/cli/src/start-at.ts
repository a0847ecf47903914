import { type Clock, formatDuration, LensError, parseDurationNs } from "@lens/core";
import { formatInstant } from "@lens/exporters";
import type { Notices } from "./notices.ts";

const NS_PER_MS = 1e6;
/** A process that comes up this much too late still starts, and says so. */
const MOST_LATE_MS = 60_000;
/** What lies farther off than a day is a mistake, such as in the zone or in the unit. */
const FARTHEST_MS = 86_400_000;
/** Seconds have ten digits until the year 2286, and milliseconds have had thirteen since 2001. */
const LEAST_EPOCH_MS = 1e11;
/** A time without a zone would be another one on each machine. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

function readInstant(written: string, nowMs: number): number {
  if (written.startsWith("+")) return nowMs + parseDurationNs(written.slice(1), "`--start-at`") / NS_PER_MS;
  if (/^\d+(\.\d+)?$/.test(written)) return Number(written) * (Number(written) < LEAST_EPOCH_MS ? 1000 : 1);
  // oxlint-disable-next-line no-restricted-globals -- parses a text; no clock is read
  return INSTANT.test(written) ? Date.parse(written) : Number.NaN;
}

/**
 * The wall time that `--start-at` names, in milliseconds: `2026-11-23T10:00:00Z` (any zone, but one), seconds or milliseconds of the epoch, or `+30s` from
 * now. Throws `INVALID_ARGUMENT` for anything else, for a time that is more than a minute past, and for one that is more than a day off.
 */
export function readStartAt(written: string, nowMs: number): number {
  const atMs = readInstant(written, nowMs);
  const shown = `\`${written.slice(0, 60)}\``;
  const refuse = (expected: string, got: string): never => {
    throw new LensError("INVALID_ARGUMENT", `Expected \`--start-at\` to be ${expected}, got ${got}.`);
  };
  if (Number.isNaN(atMs)) return refuse("a time with its zone such as 2026-11-23T10:00:00Z, seconds of the epoch, or +30s", shown);
  if (nowMs - atMs > MOST_LATE_MS) return refuse("a time to come", `${shown}, which was ${formatDuration((nowMs - atMs) * NS_PER_MS)} ago`);
  if (atMs - nowMs > FARTHEST_MS) return refuse("within a day", shown);
  return atMs;
}

/** What waiting takes. */
export interface Waiting {
  readonly clock: Clock;
  /** Aborts when the user asks to stop. */
  readonly signal: AbortSignal;
  readonly notices: Notices;
  readonly quiet: boolean;
}

/** Waits, when it is first called, until that wall time; where it is null or past, and ever after, for nothing. */
export function createStart(startAtMs: number | null, waiting: Waiting): () => Promise<void> {
  let nextMs = startAtMs;
  return async () => {
    const atMs = nextMs;
    nextMs = null;
    if (atMs !== null) await waitUntil(atMs, waiting);
  };
}

async function waitUntil(startAtMs: number, { clock, signal, notices, quiet }: Waiting): Promise<void> {
  const leftNs = Math.round((startAtMs - clock.epochMs()) * NS_PER_MS);
  const span = formatDuration(Math.abs(leftNs));
  const line =
    leftNs > 0 ? `Waiting for ${span}, until ${formatInstant(startAtMs)}.` : `lens: starting ${span} later than \`--start-at\` says.`;
  if (!quiet) await notices.say(`${line}\n`);
  if (leftNs > 0) await clock.sleepUntil(clock.nowNs() + BigInt(leftNs), signal);
}
