import type { CostSummary, GroupSummary } from "@lens/metrics";
import { formatCount, formatPlural, formatShare, formatUsd } from "./format.ts";
import type { Page } from "./page.ts";

/** Two sums of money that differ by less are the same, but for rounding. */
const SAME = 0.005;

const unpriced = ({ priced, unpriced: count }: CostSummary): readonly string[] =>
  count === 0 ? [] : [`${formatCount(priced)} of ${formatCount(priced + count)} requests priced`];

function kinds({ byKind }: CostSummary): readonly string[] {
  if (byKind === null) return [];
  const { input, cachedInput, output, reasoning } = byKind;
  const thought = reasoning === null || reasoning === 0 ? "" : ` (${formatUsd(reasoning)} reasoning)`;
  const cached = cachedInput === 0 ? [] : [`${formatUsd(cachedInput)} cached input`];
  return [`${formatUsd(input)} input`, ...cached, `${formatUsd(output)} output${thought}`];
}

/** What the provider says, held against what the list prices say where both speak of the same requests. */
function account({ total, priced, reported, reportedRequests }: CostSummary): string | null {
  if (reported === null) return null;
  const own = `${formatUsd(reported)} by the provider's own account`;
  if (total === null) return own;
  if (reportedRequests !== priced) return `${own}, for ${formatPlural(reportedRequests, "request")}`;
  const difference = total === 0 ? reported : reported / total - 1;
  if (Math.abs(difference) < SAME) return "the same by the provider's own account";
  return total === 0 ? own : `${own}: ${formatShare(Math.abs(difference))} ${difference > 0 ? "more" : "less"}`;
}

/** Writes what the requests cost: by list prices, by what was paid for, and by the provider's own account. */
export function writeCost(page: Page, { costUsd }: GroupSummary): void {
  const { total, perRequest, per1000Requests, perMillionOutputTokens, reported, price } = costUsd;
  if (total === null || perRequest === null || per1000Requests === null || price === null)
    page.field("cost", [reported === null ? "unpriced" : "unpriced by list"]);
  else {
    const perMillion = perMillionOutputTokens === null ? [] : [`${formatUsd(perMillionOutputTokens)} per million output tokens`];
    page.field("cost", [formatUsd(total), `${formatUsd(perRequest)} a request`, `${formatUsd(per1000Requests)} per 1,000`, ...perMillion]);
    page.field("", [...kinds(costUsd), ...unpriced(costUsd)]);
    page.field("", [`price of ${price.modelId}`, price.source, price.asOf]);
  }
  const said = account(costUsd);
  if (said !== null) page.field("", [said]);
  page.explain("costUsd");
}
