import type { RequestRecord } from "@lens/core";

/** Shorter ones would take letters out of words. */
const SHORTEST_KEY = 4;

/** The record with the keys taken out of its messages: a server may repeat the key that it was given, and a record must not. */
export function withoutKeys(record: RequestRecord, keys: readonly (string | null)[]): RequestRecord {
  const secrets = keys.filter((key) => key !== null && key.length >= SHORTEST_KEY) as readonly string[];
  const clean = <T extends { readonly error: RequestRecord["outcome"]["error"] }>(part: T): T =>
    part.error === null
      ? part
      : { ...part, error: { ...part.error, message: secrets.reduce((text, key) => text.replaceAll(key, "[key]"), part.error.message) } };
  return { ...record, attempts: record.attempts.map(clean), outcome: clean(record.outcome) };
}
