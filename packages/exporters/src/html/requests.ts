import { formatDuration, type RequestRecord } from "@lens/core";
import { e2eNs, type GroupSummary, isAnswered, type Phase, phasesOf, ttftNs } from "@lens/metrics";
import { stackedBar } from "./bar.ts";
import { duration } from "./figures.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { shortName } from "./names.ts";
import type { Section } from "./section.ts";
import { table } from "./table.ts";

const SHOWN = 6;

/** The kinds of phases, by the number of their colour. */
const KINDS = ["connection, end", "wait for headers", "wait for the first token", "reasoning, tools", "text", "failed try"] as const;

function kindOf(name: string): number {
  if (name.startsWith("try ") || name === "no connection") return 5;
  if (name === "wait for headers") return 1;
  if (name.startsWith("wait for ")) return 2;
  if (name === "text") return 4;
  return name === "dns" || name === "connect" || name === "tls" || name === "end" ? 0 : 3;
}

/** Some of the requests that a page shows one by one. */
interface Chosen {
  readonly slowest: readonly RequestRecord[];
  readonly typical: readonly RequestRecord[];
}

interface Candidate {
  readonly record: RequestRecord;
  readonly badness: number;
}

/** Keeps the few candidates of the least badness. */
function keep(best: Candidate[], candidate: Candidate): void {
  best.push(candidate);
  best.sort((one, other) => one.badness - other.badness);
  best.length = Math.min(best.length, SHOWN);
}

/** The slowest requests, failed ones included, and those whose end-to-end time is nearest to the median of their group, in one pass. */
function choose(records: Iterable<RequestRecord>, groups: readonly GroupSummary[]): Chosen {
  const medians = new Map(groups.map(({ target, e2e }) => [target.label, e2e.p50Ns]));
  const slowest: Candidate[] = [];
  const typical: Candidate[] = [];
  for (const record of records) {
    if (record.phase !== "measured") continue;
    keep(slowest, { record, badness: -record.endNs });
    const tookNs = isAnswered(record) ? e2eNs(record) : null;
    const medianNs = medians.get(record.target.label) ?? null;
    if (tookNs !== null && medianNs !== null) keep(typical, { record, badness: Math.abs(tookNs - medianNs) });
  }
  return { slowest: slowest.map(({ record }) => record), typical: typical.map(({ record }) => record) };
}

const inWords = (phases: readonly Phase[]): string =>
  phases.map(({ name, fromNs, toNs }) => `${name} ${formatDuration(toNs - fromNs)}`).join(", ");

function row(record: RequestRecord, longestNs: number): readonly Content[] {
  const phases = phasesOf(record);
  const parts = phases.map(({ name, fromNs, toNs }) => ({ from: fromNs / longestNs, to: toNs / longestNs, kind: `phase-${kindOf(name)}` }));
  const { outcome } = record;
  const ended = outcome.error?.code ?? outcome.kind;
  const words = inWords(phases);
  return [
    html`${shortName(record.id)}<small>${shortName(record.target.label)}</small>`,
    duration(ttftNs(record)),
    duration(record.endNs),
    html`<span class="${outcome.kind === "ok" || outcome.kind === "truncated" ? "" : "bad"}">${ended}</span>`,
    stackedBar(parts, words),
  ];
}

function waterfall(caption: string, records: readonly RequestRecord[], longestNs: number): Content {
  if (records.length === 0) return null;
  const columns = [
    { title: "request" },
    { title: "TTFT" },
    { title: "took" },
    { title: "ended", words: true },
    { title: html`<span class="ends"><span>0</span><span>${formatDuration(longestNs)}</span></span>`, drawing: true },
  ];
  return table({ caption, columns, rows: records.map((record) => row(record, longestNs)) });
}

const legend = (): Markup =>
  html`<ul class="legend">
    ${KINDS.map((name, kind) => html`<li><span class="swatch phase-${kind}" aria-hidden="true"></span>${name}</li>`)}
  </ul>`;

/** Single requests by their phases: the slowest, and typical ones. Nothing where no records are at hand. */
export function requestSection(records: Iterable<RequestRecord>, groups: readonly GroupSummary[]): readonly Section[] {
  const { slowest, typical } = choose(records, groups);
  if (slowest.length === 0) return [];
  const longestNs = Math.max(1, ...slowest.map(({ endNs }) => endNs));
  const body = html`${legend()} ${waterfall("The slowest requests", slowest, longestNs)}
  ${waterfall("Requests nearest to the median", typical, longestNs)}`;
  return [{ id: "waterfall", title: "Single requests", body, charts: [] }];
}
