import { formatDuration } from "@lens/core";
import type { Distribution, GroupSummary, TurnSummary } from "@lens/metrics";
import { formatNumber, formatPlural } from "./format.ts";
import type { Page } from "./page.ts";

/** A page that ends with what comes after many turns is not read. */
const MOST_SHOWN = 10;

function middle(name: string, { p50Ns, meanNs }: Distribution): readonly string[] {
  const valueNs = p50Ns ?? meanNs;
  return valueNs === null ? [] : [`${name} ${formatDuration(valueNs)}`];
}

function figures({ requests, answered, input, ttft, e2e }: TurnSummary): readonly string[] {
  return [
    answered === requests ? formatPlural(requests, "request") : `${answered} of ${formatPlural(requests, "request")} answered`,
    ...(input.meanTokens === null ? [] : [`${formatNumber(input.meanTokens)} input tokens`]),
    ...middle("TTFT", ttft),
    ...middle("E2E", e2e),
  ];
}

/** Writes what each turn of the conversations came to, with medians; nothing where there were none. */
export function writeTurns(page: Page, { turns }: GroupSummary): void {
  if (turns === null) return;
  for (const summary of turns.slice(0, MOST_SHOWN)) page.field(`turn ${summary.turn + 1}`, figures(summary));
  if (turns.length > MOST_SHOWN) page.field("", [`${formatPlural(turns.length - MOST_SHOWN, "later turn")} in JSON`]);
  page.explain("turns");
}
