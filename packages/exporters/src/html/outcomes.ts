import { formatDuration, OUTCOME_KINDS } from "@lens/core";
import type { CostSummary, GroupSummary, ScheduleSummary } from "@lens/metrics";
import { formatSlo } from "@lens/metrics";
import { formatCount, formatNumber, formatPlural, formatShare, formatUsd } from "../format.ts";
import { stopReason } from "../stop-reason.ts";
import { shortFigure } from "./figures.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { fullName, shortName, shortText } from "./names.ts";
import { type Definitions, hintOf, type Section } from "./section.ts";
import { facts } from "./table.ts";

const SEPARATOR = " · ";

const listed = (parts: readonly (string | null)[]): string | null => parts.filter((part) => part !== null).join(SEPARATOR) || null;

const counted = (count: number | null, words: string): string | null =>
  count === null || count === 0 ? null : `${formatCount(count)} ${words}`;

const requests = ({ outcomes }: GroupSummary): string | null => listed(OUTCOME_KINDS.map((kind) => counted(outcomes[kind], kind)));

const errors = (group: GroupSummary): Content => {
  const codes = Object.entries(group.errors).map(([code, count]) => `${code} ${formatCount(count)}`);
  return codes.length === 0 ? null : html`<span class="bad">${codes.join(SEPARATOR)}</span>`;
};

const leftOut = ({ excluded }: GroupSummary): string | null =>
  listed([counted(excluded.warmup, "of warm-up"), counted(excluded.drain, "of drain")]);

const retries = ({ attempts }: GroupSummary): string | null =>
  attempts.retriedRequests === 0
    ? null
    : `${formatPlural(attempts.retriedRequests, "request")} retried${SEPARATOR}${formatCount(attempts.total)} tries in all`;

function tokens({ tokens: { input, cacheRead, output, reasoning, sources, cachedRequests } }: GroupSummary): string | null {
  const known = listed([
    counted(input, "in"),
    counted(cacheRead, `of them from the cache, in ${formatPlural(cachedRequests, "request")}`),
    counted(output, "out"),
    counted(reasoning, "of them reasoning"),
  ]);
  return known === null ? "usage not reported" : `${known}${SEPARATOR}usage reported for ${formatPlural(sources.reported, "request")}`;
}

function perChunk({ tokens: { perChunk: average, streamed, chunks } }: GroupSummary): string | null {
  return average === null ? null : `${formatNumber(average)}${SEPARATOR}${formatCount(streamed)} tokens in ${formatCount(chunks)} chunks`;
}

const unpriced = ({ priced, unpriced: count }: CostSummary): string | null =>
  count === 0 ? null : `${formatCount(priced)} of ${formatCount(priced + count)} requests priced`;

function cost({ costUsd }: GroupSummary): string {
  const { total, perRequest, per1000Requests, perMillionOutputTokens, reported, price } = costUsd;
  const own = reported === null ? null : `${formatUsd(reported)} by the provider's own account`;
  if (total === null) return listed(["unpriced", own]) ?? "";
  const usd = (value: number | null, words: string): string | null => (value === null ? null : `${formatUsd(value)} ${words}`);
  const source = price === null ? null : `price of ${shortName(price.modelId)} (${shortName(price.source)}, ${shortName(price.asOf)})`;
  const rates = [usd(perRequest, "a request"), usd(per1000Requests, "per 1,000"), usd(perMillionOutputTokens, "per million output tokens")];
  return listed([formatUsd(total), ...rates, unpriced(costUsd), own, source]) ?? "";
}

function speeds({ outputTokensPerSecond: output, effectiveTokensPerSecond: effective }: GroupSummary): string | null {
  const shown = (middle: number | null, words: string): string | null =>
    middle === null ? null : `${formatNumber(middle)} tokens/s ${words}`;
  return listed([
    shown(output.p50PerSecond ?? output.meanPerSecond, "while decoding"),
    shown(effective.p50PerSecond ?? effective.meanPerSecond, "with the wait"),
  ]);
}

function throughput({ throughput: { requestsPerSecond, systemTokensPerSecond, windowNs } }: GroupSummary): string | null {
  if (requestsPerSecond === null || windowNs === null) return null;
  const tokensPerSecond = systemTokensPerSecond === null ? "tokens/s unknown" : `${formatNumber(systemTokensPerSecond)} tokens/s`;
  return `${formatNumber(requestsPerSecond)} answers/s${SEPARATOR}${tokensPerSecond}${SEPARATOR}over ${formatDuration(windowNs)}`;
}

function goodput({ goodput: found }: GroupSummary): string | null {
  if (found === null) return null;
  const { share, met, judged, ratePerSecond, slo } = found;
  const rate = ratePerSecond === null ? null : `${formatNumber(ratePerSecond)}/s`;
  return listed([
    share === null ? "not known" : formatShare(share),
    `${formatCount(met)} of ${formatPlural(judged, "request")}`,
    rate,
    formatSlo(slo),
  ]);
}

function waits({ waitedForSlot, waitedForLimit, waitedForRecords }: ScheduleSummary): readonly (string | null)[] {
  return [
    counted(waitedForSlot, "waited for a free place"),
    counted(waitedForLimit, "for a rate limit"),
    counted(waitedForRecords, "for a slow disk"),
  ];
}

function schedule({ load }: GroupSummary): string | null {
  const found = load?.schedule ?? null;
  if (found === null) return null;
  const { targetRatePerSecond: due, deliveredRatePerSecond: sent, sendLag } = found;
  const rates = due === null || sent === null ? null : `${formatNumber(due)}/s due, ${formatNumber(sent)}/s sent`;
  const lag = sendLag.count === 0 ? null : `send lag p50 ${shortFigure(sendLag, "p50Ns")}, p95 ${shortFigure(sendLag, "p95Ns")}`;
  return listed([rates, lag, ...waits(found)]);
}

function troubles({ load }: GroupSummary): Content {
  const reason = load === null ? null : stopReason(load);
  const stopped = reason === null ? [] : [reason];
  const crashes = (load?.crashes ?? []).map(
    ({ worker, reason: cause, lost }) => `worker ${worker} ended (${shortText(cause)}), ${formatPlural(lost, "request")} lost`,
  );
  return stopped.length + crashes.length === 0 ? null : html`<span class="bad">${[...stopped, ...crashes].join(SEPARATOR)}</span>`;
}

function connections({ connections: { fresh, reused }, phases }: GroupSummary): string | null {
  const phase = (name: "dns" | "connect" | "tls"): string | null =>
    phases[name].count === 0 ? null : `${name} ${shortFigure(phases[name], "p50Ns")}`;
  return fresh + reused === 0
    ? null
    : listed([`${formatCount(fresh)} fresh`, `${formatCount(reused)} reused`, phase("dns"), phase("connect"), phase("tls")]);
}

const SERVER_WORDS = {
  queue: "queue",
  load: "load",
  prompt: "prompt",
  ttft: "TTFT",
  perToken: "per token",
  generation: "generation",
  total: "total",
  processing: "processing",
} as const;

function server({ server: said }: GroupSummary): string | null {
  if (said === null) return null;
  const names = Object.keys(SERVER_WORDS) as (keyof typeof SERVER_WORDS)[];
  return listed(names.map((name) => (said[name].count === 0 ? null : `${SERVER_WORDS[name]} ${shortFigure(said[name], "p50Ns")}`)));
}

const models = ({ models: found }: GroupSummary): string | null =>
  listed(Object.entries(found).map(([name, count]) => `${shortName(name)} (${formatCount(count)})`));

const limits = ({ rateLimits }: GroupSummary): string | null =>
  listed(Object.entries(rateLimits).map(([name, value]) => `${shortName(name)}: ${shortName(value)}`));

/** What is told of a group in words, by the metric that explains it. */
const FACTS: readonly (readonly [string, string | null, (group: GroupSummary) => Content])[] = [
  ["requests", "requests", requests],
  ["failures", "requests", errors],
  ["trouble", null, troubles],
  ["left out", null, leftOut],
  ["retries", null, retries],
  ["throughput", "throughput.requestsPerSecond", throughput],
  ["per request", "outputTokensPerSecond", speeds],
  ["goodput", "goodput", goodput],
  ["schedule", "load.schedule.sendLag", schedule],
  ["tokens", "tokens", tokens],
  ["tokens per chunk", "tokens.perChunk", perChunk],
  ["cost", "costUsd", cost],
  ["connections", "connections", connections],
  ["server says", "server", server],
  ["answered by", null, models],
  ["rate limits", null, limits],
];

function showGroup(group: GroupSummary, definitions: Definitions): Markup {
  return facts(
    FACTS.map(([name, metric, tell]) => {
      const hint = metric === null ? undefined : hintOf(definitions, metric);
      return [hint === undefined ? name : html`<abbr title="${hint}">${name}</abbr>`, tell(group)];
    }),
  );
}

/** How requests ended, what they cost and what was said of them, by group. Of many groups, folded. */
export function outcomeSection(groups: readonly GroupSummary[], definitions: Definitions): readonly Section[] {
  const [only] = groups;
  if (only === undefined) return [];
  const shown = groups.map(
    (group) =>
      html`<details>
        <summary>${fullName(group.target.label)}</summary>
        ${showGroup(group, definitions)}
      </details> `,
  );
  return [
    { id: "requests", title: "Requests, tokens and cost", body: groups.length === 1 ? showGroup(only, definitions) : shown, charts: [] },
  ];
}
