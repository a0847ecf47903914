import { formatFigure, type Report, type ThresholdOutcome } from "@lens/metrics";
import { type Content, html } from "./markup.ts";
import { shortName, shortText } from "./names.ts";
import type { Section } from "./section.ts";
import { table } from "./table.ts";

function verdict({ met, certain }: ThresholdOutcome): Content {
  if (met === null) return html`<span class="bad">✗ cannot be judged</span>`;
  const doubt = certain ? "" : ", but its interval leaves that open";
  if (!met) return html`<span class="bad">✗ breached${doubt}</span>`;
  return html`<span class="${certain ? "good" : "doubtful"}">✓ met${doubt}</span>`;
}

/** What became of each threshold. Nothing where there was none. */
export function thresholdSection({ thresholds, groups }: Report): readonly Section[] {
  if (thresholds.length === 0) return [];
  const several = groups.length > 1;
  const rows = thresholds.map((outcome): readonly Content[] => [
    html`<code>${shortText(outcome.text)}</code>`,
    ...(several ? [shortName(outcome.label)] : []),
    verdict(outcome),
    outcome.value === null ? "–" : formatFigure(outcome.value, outcome.unit),
    shortText(outcome.reason),
  ]);
  const columns = [
    { title: "threshold" },
    ...(several ? [{ title: "target", words: true }] : []),
    { title: "verdict", words: true },
    { title: "figure" },
    { title: "what it stands on", words: true },
  ];
  return [{ id: "thresholds", title: "Thresholds", body: table({ caption: "What the run was held against", columns, rows }), charts: [] }];
}
