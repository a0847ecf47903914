import type { Report, ThresholdOutcome } from "@lens/metrics";
import type { RenderOptions } from "./exporter.ts";
import { createPage, type Page, type Tone } from "./page.ts";

const INDENT = 2;

function verdictOf({ met, certain }: ThresholdOutcome): { readonly words: string; readonly tone: Tone } {
  if (met === null) return { words: "CANNOT BE JUDGED", tone: "bad" };
  if (met) return certain ? { words: "met", tone: "good" } : { words: "met, but its interval leaves that open", tone: "doubtful" };
  return { words: certain ? "BREACHED" : "BREACHED, but its interval leaves that open", tone: "bad" };
}

/** Writes what became of each threshold: whether it was met, how certain that is, and the figure with what it stands on. */
export function writeThresholds(page: Page, { thresholds, groups }: Pick<Report, "thresholds" | "groups">): void {
  if (thresholds.length === 0) return;
  const met = thresholds.filter((outcome) => outcome.met === true).length;
  page.field("thresholds", [`${met} of ${thresholds.length} met`], met === thresholds.length ? "good" : "bad");
  for (const outcome of thresholds) {
    const { words, tone } = verdictOf(outcome);
    const name = groups.length > 1 ? `${outcome.label}: ${outcome.text}` : outcome.text;
    page.text(`${name}: ${words}`, INDENT, tone);
    page.text(outcome.reason, 2 * INDENT, "dim");
  }
  page.blank();
}

/** The thresholds alone, for people. */
export function renderThresholds(report: Pick<Report, "thresholds" | "groups">, { color = false }: RenderOptions = {}): string {
  const page = createPage({ color, definitions: null });
  writeThresholds(page, report);
  return page.toString();
}
