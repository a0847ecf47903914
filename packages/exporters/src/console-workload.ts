import { formatDuration } from "@lens/core";
import type { CacheSide, GroupSummary, TokenDistribution } from "@lens/metrics";
import { formatCount, formatNumber, formatPlural } from "./format.ts";
import type { Page } from "./page.ts";

/** The mean, and from where to where; null without samples. */
function length({ meanTokens, minTokens, maxTokens }: TokenDistribution): string | null {
  if (meanTokens === null || minTokens === null || maxTokens === null) return null;
  const range = minTokens === maxTokens ? "" : ` (${formatCount(minTokens)} to ${formatCount(maxTokens)})`;
  return `${formatNumber(meanTokens)}${range}`;
}

const said = (name: string, value: string | null): readonly string[] => (value === null ? [] : [`${name} ${value}`]);

/** Writes the lengths that were asked for beside those that were sent and reported; nothing where none were asked for. */
export function writeLengths(page: Page, { workload, tokens }: GroupSummary): void {
  if (workload === null) return;
  const { askedInput, sentInput, askedOutput, countedBy, sharedPrefix } = workload;
  const counter = countedBy.estimate > 0 ? " by estimate" : " by gpt-tokenizer";
  const sent = length(sentInput);
  if (askedInput.count > 0) {
    page.field("input length", [
      ...said("asked", length(askedInput)),
      ...said("sent", sent === null ? null : `${sent}${counter}`),
      ...said("reported", length(tokens.inputPerRequest)),
    ]);
  }
  if (askedOutput.count > 0)
    page.field("output length", [...said("limit", length(askedOutput)), ...said("reported", length(tokens.outputPerRequest))]);
  if (sharedPrefix > 0) page.field("shared prefix", [formatPlural(sharedPrefix, "request")]);
  if (askedInput.count + askedOutput.count > 0) page.explain("workload");
}

function side({ requests, ttft, cacheRead }: CacheSide): readonly string[] {
  const middle = ttft.p50Ns ?? ttft.meanNs;
  const { meanTokens } = cacheRead;
  return [
    formatPlural(requests, "request"),
    ...said("TTFT", middle === null ? null : formatDuration(middle)),
    ...(meanTokens === null || meanTokens === 0 ? [] : [`${formatNumber(meanTokens)} cached tokens each`]),
  ];
}

/** Writes what the requests with and without a cached prompt come to; nothing where none was cached. */
export function writeCache(page: Page, { cache }: GroupSummary): void {
  if (cache === null || cache.cached.requests === 0) return;
  page.field("cached", side(cache.cached));
  if (cache.uncached.requests > 0) page.field("not cached", side(cache.uncached));
  page.explain("cache");
}
