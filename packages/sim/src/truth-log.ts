import { LensError, OUTCOME_KINDS, type OutcomeKind } from "@lens/core";
import { type Protocol, PROTOCOLS } from "./dialect.ts";
import { type Fault, FAULTS } from "./faults.ts";

/**
 * What really happened to one request. Instants are nanoseconds of the machine's monotonic clock (`process.hrtime.bigint()`), which
 * every process of a machine shares.
 */
export interface TruthEntry {
  /** Also sent as `x-request-id`. */
  readonly id: string;
  readonly protocol: Protocol;
  /** As asked for; empty where the request could not be read. */
  readonly model: string;
  /** When the whole request had been read. */
  readonly receivedNs: bigint;
  /** When a slot was got; null where none was, or none was needed because the request failed at once. */
  readonly startedNs: bigint | null;
  /** Taken right before each write that carried content; so no reader can be earlier. */
  readonly tokenNs: readonly bigint[];
  /** How many writes carried content. */
  readonly chunks: number;
  /** When the last byte was handed over, or the client left. */
  readonly endNs: bigint;
  /** The status that was sent; null where the client left before. */
  readonly status: number | null;
  /** What the answer was, in the protocol's own terms. `incomplete`: cut by a fault. `aborted`: the client left, or the simulator closed. */
  readonly outcome: OutcomeKind;
  readonly fault: Fault | null;
  /** As the usage says, whether the stream told it or not. */
  readonly inputTokens: number;
  /** All that is billed as output, reasoning included; of an answer that broke off, what was written of it. */
  readonly outputTokens: number;
  /** The part of the output that was reasoning. */
  readonly reasoningTokens: number;
}

/** Keeps the last entries. */
export interface TruthLog {
  add(entry: TruthEntry): void;
  entries(): TruthEntry[];
}

/** Long answers would fill the memory long before the number of entries does. At eight bytes each: 32 MB. */
const MOST_STAMPS = 4_000_000;

interface Kept {
  readonly entry: Omit<TruthEntry, "tokenNs">;
  readonly stamps: BigInt64Array;
}

/** A log of the last `keep` entries, or fewer where these hold more than four million token stamps. */
export function createTruthLog(keep: number): TruthLog {
  const kept = new Set<Kept>();
  let stampCount = 0;
  return {
    add({ tokenNs, ...entry }) {
      kept.add({ entry, stamps: BigInt64Array.from(tokenNs) });
      stampCount += tokenNs.length;
      for (const oldest of kept) {
        if (kept.size <= keep && (stampCount <= MOST_STAMPS || kept.size === 1)) break;
        kept.delete(oldest);
        stampCount -= oldest.stamps.length;
      }
    },
    entries: () => Array.from(kept, ({ entry, stamps }) => ({ ...entry, tokenNs: Array.from(stamps) })),
  };
}

/** One entry as a line of JSON, without the line's end. Instants are decimal strings, for they may not fit a JSON number. */
export function formatTruth(entry: TruthEntry): string {
  return JSON.stringify(entry, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}

function fail(name: string): never {
  throw new LensError("INVALID_RECORD", `Expected a line of a truth log, got one whose \`${name}\` is missing or wrong.`);
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Told below, like every other wrong line.
  }
  throw new LensError("INVALID_RECORD", "Expected a line of a truth log, got something that is not a JSON object.");
}

/** Reads a line that `formatTruth` wrote. Throws `INVALID_RECORD` for anything else. */
export function parseTruth(line: string): TruthEntry {
  const fields = parseObject(line);
  const instant = (value: unknown, name: string): bigint =>
    typeof value === "string" && /^\d{1,19}$/.test(value) ? BigInt(value) : fail(name);
  const count = (name: string): number =>
    Number.isSafeInteger(fields[name]) && Number(fields[name]) >= 0 ? Number(fields[name]) : fail(name);
  const text = (name: string): string => (typeof fields[name] === "string" ? fields[name] : fail(name));
  const word = <T extends string>(name: string, words: readonly T[]): T => words.find((known) => known === fields[name]) ?? fail(name);
  const stamps = Array.isArray(fields.tokenNs) ? fields.tokenNs : fail("tokenNs");
  return {
    id: text("id"),
    protocol: word("protocol", PROTOCOLS),
    model: text("model"),
    receivedNs: instant(fields.receivedNs, "receivedNs"),
    startedNs: fields.startedNs === null ? null : instant(fields.startedNs, "startedNs"),
    tokenNs: stamps.map((stamp) => instant(stamp, "tokenNs")),
    chunks: count("chunks"),
    endNs: instant(fields.endNs, "endNs"),
    status: fields.status === null ? null : count("status"),
    outcome: word("outcome", OUTCOME_KINDS),
    fault: fields.fault === null ? null : word("fault", FAULTS),
    inputTokens: count("inputTokens"),
    outputTokens: count("outputTokens"),
    reasoningTokens: count("reasoningTokens"),
  };
}
