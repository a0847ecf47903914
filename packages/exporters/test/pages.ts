import type { ChartSpec } from "../src/html/chart.ts";

/** What the charts of a page are drawn from. */
export function chartsOf(page: string): readonly ChartSpec[] {
  const [, json = ""] = /<script type="application\/json" id="charts">(.*?)<\/script>/s.exec(page) ?? [];
  return JSON.parse(json) as readonly ChartSpec[];
}

export function chartOf(page: string, id: string): ChartSpec {
  const found = chartsOf(page).find((chart) => chart.id === id);
  if (found === undefined) throw new Error(`no chart ${id}`);
  return found;
}

/** A page without what is the same in all pages, and with its charts in short. */
export function structureOf(page: string): string {
  const charts = chartsOf(page).map(({ id, xs, series, marks }) => {
    const lines = series.map(({ label, shape, whiskers }) => `${label} (${shape}, ${whiskers.length} whiskers)`);
    return `${id}: ${xs.length} places; ${lines.join(", ")}${marks.map(({ axis, at, label }) => `; ${axis} ${at}: ${label}`).join("")}`;
  });
  return page
    .replace(
      /(<script type="application\/json" id="charts">).*?(<\/script>)/s,
      (_, open: string, close: string) => `${open}\n${charts.join("\n")}\n${close}`,
    )
    .replace(/(<style>).*?(<\/style>)/s, "$1$2")
    .replace(/(<script>).*?(<\/script>)/s, "$1$2")
    .replaceAll(/'sha256-[^']+'/g, "'sha256-'");
}

/** The tags of a page in order, with the names of their attributes. */
export function tagsOf(page: string): readonly string[] {
  const body = page.replace(/<style>.*?<\/style>/s, "").replaceAll(/(<script[^>]*>).*?<\/script>/gs, "$1");
  return [...body.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replaceAll(/="[^"]*"/g, ""));
}

/** The words of a page. */
export function wordsOf(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, "")
    .replaceAll(/<script.*?<\/script>/gs, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");
}
