import { readFileSync } from "node:fs";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { describe, expect, test } from "vitest";
import { DASHBOARDS, panelsOf } from "../dashboards/dashboards.ts";
import { metrics } from "./monitoring.ts";

const PAGE = new URL("../../docs/MONITORING.md", import.meta.url);

/** A table as the formatter of this repository leaves it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)].join("\n");
}

const code = (text: string): string => `\`${text}\``;

/** Rates are Prometheus' to make, and what is asked of single runs a monitor has none of. */
const OF_RUNS = /^llm_(run_|requests_per_|system_|goodput_|slo_|response_)/;

const metricsTable = (): string =>
  table(
    ["metric", "type", "labels", "what it is"],
    [...metrics.values()]
      .filter(({ name }) => !OF_RUNS.test(name))
      .map(({ name, type, labelNames, help }) => [code(name), type, labelNames.map(code).join(", "), help]),
  );

const panelsTable = (dashboard: Dashboard): string =>
  table(
    ["panel", "what its figures are"],
    panelsOf(dashboard).map(({ title = "", description = "" }) => [title, description]),
  );

/** What is generated, by the name of its place on the page. */
const SECTIONS: ReadonlyMap<string, string> = new Map([
  ["metrics", metricsTable()],
  ...Object.entries(DASHBOARDS).map(([name, dashboard]) => [name, panelsTable(dashboard)] as const),
]);

describe("the page about monitoring", () => {
  // After a change: npx vitest run tooling/test/monitoring-page.test.ts -u
  test("lists the metrics and the panels that the code has", async () => {
    const page = readFileSync(PAGE, "utf8");
    const places: string[] = [];
    const generated = page.replaceAll(
      /(<!-- generated: (\w+) -->\n\n)[^]*?(\n\n<!-- end -->)/g,
      (_, open: string, name: string, close: string) => {
        places.push(name);
        return `${open}${SECTIONS.get(name) ?? ""}${close}`;
      },
    );
    expect(places.toSorted()).toEqual([...SECTIONS.keys()].toSorted());
    await expect(generated).toMatchFileSnapshot(PAGE.pathname);
  });
});
