import type { RequestRecord } from "@lens/core";
import { lastAttempt } from "./derive.ts";

/** A stretch of a request's time. */
export interface Phase {
  readonly name: string;
  readonly fromNs: number;
  readonly toNs: number;
}

/** The phases of a request in order, as far as it came. Times count from its start; earlier tries are a phase each. */
export function phasesOf(record: RequestRecord): readonly Phase[] {
  const attempt = lastAttempt(record);
  if (attempt === null) return [];
  const phases: Phase[] = record.attempts.slice(0, -1).map((failed, index) => ({
    name: `try ${index + 1}: ${failed.error?.code ?? "failed"}`,
    fromNs: failed.startedNs,
    toNs: record.attempts[index + 1]?.startedNs ?? failed.startedNs,
  }));
  let fromNs = attempt.startedNs;
  const take = (name: string, durationNs: number | null): void => {
    if (durationNs === null) return;
    phases.push({ name, fromNs, toNs: fromNs + durationNs });
    fromNs += durationNs;
  };
  const until = (name: string, toNs: number | null | undefined): void => {
    if (toNs === null || toNs === undefined || toNs < fromNs) return;
    phases.push({ name, fromNs, toNs });
    fromNs = toNs;
  };
  take("dns", attempt.dnsNs);
  take("connect", attempt.connectNs);
  take("tls", attempt.tlsNs);
  if (attempt.sentNs === null) return [...phases, { name: "no connection", fromNs, toNs: record.endNs }];
  fromNs = attempt.sentNs;
  until("wait for headers", attempt.headersNs);
  until("wait for body", attempt.firstByteNs);
  const { atNs, kind } = record.arrivals;
  const firstTextNs = atNs[kind.indexOf("text")];
  until("wait for token", atNs[0]);
  if (firstTextNs !== atNs[0]) until(kind[0] ?? "", firstTextNs);
  until(firstTextNs === undefined ? (kind[0] ?? "content") : "text", atNs.at(-1));
  until("end", record.endNs);
  return phases;
}
