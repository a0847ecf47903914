import type { GroupSummary } from "@lens/metrics";
import { formatCount, formatNumber, formatShare, formatUsd } from "../format.ts";
import { failedShare, shortFigure } from "./figures.ts";
import { type Content, html } from "./markup.ts";
import { fullName } from "./names.ts";
import { type Definitions, hintOf, type Section } from "./section.ts";
import { type Column, table } from "./table.ts";

interface Figure extends Column {
  /** By which the title is explained. */
  readonly metric: string;
  readonly show: (group: GroupSummary) => Content;
}

const UNKNOWN = "–";

const figures = (hasGoodput: boolean): readonly Figure[] => [
  { title: "requests", metric: "requests", show: ({ requests }) => formatCount(requests) },
  { title: "not answered", metric: "requests", show: notAnswered },
  { title: "TTFT p50", metric: "ttft", show: ({ ttft }) => shortFigure(ttft, "p50Ns") },
  { title: "TTFT p95", metric: "ttft", show: ({ ttft }) => shortFigure(ttft, "p95Ns") },
  { title: "TPOT p50", metric: "tpot", show: ({ tpot }) => shortFigure(tpot, "p50Ns") },
  { title: "E2E p50", metric: "e2e", show: ({ e2e }) => shortFigure(e2e, "p50Ns") },
  { title: "E2E p95", metric: "e2e", show: ({ e2e }) => shortFigure(e2e, "p95Ns") },
  {
    title: "answers/s",
    metric: "throughput.requestsPerSecond",
    show: ({ throughput }) => known(throughput.requestsPerSecond, formatNumber),
  },
  {
    title: "tokens/s",
    metric: "throughput.systemTokensPerSecond",
    show: ({ throughput }) => known(throughput.systemTokensPerSecond, formatNumber),
  },
  ...(hasGoodput
    ? [{ title: "goodput", metric: "goodput", show: ({ goodput }: GroupSummary) => known(goodput?.share ?? null, formatShare) }]
    : []),
  { title: "cost", metric: "costUsd", show: ({ costUsd }) => (costUsd.total === null ? "unpriced" : formatUsd(costUsd.total)) },
];

function known(value: number | null, format: (value: number) => string): string {
  return value === null ? UNKNOWN : format(value);
}

function notAnswered(group: GroupSummary): Content {
  const share = failedShare(group);
  if (share === null) return UNKNOWN;
  return share === 0 ? "0" : html`<span class="bad">${formatShare(share)}</span>`;
}

/** All groups at a glance, a row each. Nothing for a single one, whose figures the header has. */
export function overviewSection(groups: readonly GroupSummary[], definitions: Definitions): readonly Section[] {
  if (groups.length < 2) return [];
  const columns = figures(groups.some(({ goodput }) => goodput !== null));
  const rows = groups.map((group, color): readonly Content[] => [
    html`<span class="swatch ink-${color % 8}" aria-hidden="true"></span>${fullName(group.target.label)}`,
    ...columns.map(({ show }) => show(group)),
  ]);
  const body = table({
    caption: "All targets",
    columns: [{ title: "target" }, ...columns.map(({ title, metric }) => ({ title, hint: hintOf(definitions, metric) }))],
    rows,
  });
  return [{ id: "targets", title: "Targets", body, charts: [] }];
}
