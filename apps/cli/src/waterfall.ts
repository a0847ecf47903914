import { formatDuration, type RequestRecord } from "@lens/core";
import { lastAttempt } from "@lens/metrics";

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

const BAR_COLUMNS = 36;

/** The phases as lines of a waterfall, 80 columns wide. */
export function renderWaterfall(phases: readonly Phase[], paint: (bar: string) => string): readonly string[] {
  const totalNs = Math.max(1, ...phases.map((phase) => phase.toNs));
  const column = (atNs: number): number => Math.floor((atNs / totalNs) * BAR_COLUMNS);
  return phases.map(({ name, fromNs, toNs }) => {
    const start = Math.min(column(fromNs), BAR_COLUMNS - 1);
    const bar = "█".repeat(column(toNs) - start) || "▏";
    return `  ${name.slice(0, 20).padEnd(20)} ${formatDuration(toNs - fromNs).padStart(9)}  ${" ".repeat(start)}${paint(bar)}`;
  });
}
