import { readFileSync } from "node:fs";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { describe, expect, test, vi } from "vitest";
import { createFakeIo } from "../../apps/cli/test/fake-io.ts";
import { readCommandLine } from "../../apps/cli/src/command-line.ts";
import { main } from "../../apps/cli/src/main.ts";
import { DASHBOARDS, panelsOf } from "../dashboards/dashboards.ts";
import { blocksOf, rowsOf, wordsOf } from "./markdown.ts";
import { metrics } from "./monitoring.ts";
import { hasProgram, runLine } from "./programs.ts";

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

const commands = blocksOf("docs/MONITORING.md").flatMap(({ language, text }) => (language === "sh" ? text.split("\n") : []));
const page = readFileSync(PAGE, "utf8");

/** Runs the monitor as the page begins, but on a free port, and ends it when all was asked of it. */
async function whileMonitoring(ask: (url: string) => Promise<void>): Promise<void> {
  const asked: Promise<void>[] = [];
  // Far enough apart for their gaps to be seen on a busy machine.
  const io = await createFakeIo({
    scenario: { gapMs: 100 },
    onErr(own) {
      const [, url] = /"message":"listening","url":"([^"]+)"/.exec(own.err()) ?? [];
      if (url !== undefined && asked.length === 0) asked.push(ask(url).finally(() => own.interrupt()));
    },
  });
  const command = commands.find((line) => line.startsWith("lens monitor ")) ?? "";
  expect(await main([...wordsOf(command).words.slice(1), "--listen", "127.0.0.1:0"], io)).toBe(0);
  await Promise.all(asked);
  expect(asked).toHaveLength(1);
}

describe("the page about monitoring", () => {
  test("says what a monitor serves: every address, every metric", async () => {
    const served = new Set<string>();
    await whileMonitoring(async (url) => {
      await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { timeout: 15_000 });
      const addresses = rowsOf("docs/MONITORING.md").flatMap(([address = ""]) =>
        address.startsWith("/") && !address.includes(" ") ? [address] : [],
      );
      expect(addresses).toEqual(["/", "/metrics", "/report.json", "/healthz", "/readyz", ...addresses.slice(5)]);
      for (const address of addresses.slice(0, 5)) expect((await fetch(url + address)).status).toBe(200);
      const text = await (await fetch(`${url}/metrics`)).text();
      for (const [, name = ""] of text.matchAll(/^# TYPE (llm_\w+)/gm)) served.add(name);
      if (hasProgram("promtool") && hasProgram("curl")) {
        const line = commands.find((each) => each.includes("promtool check metrics")) ?? "";
        expect(await runLine(line.replace("http://127.0.0.1:9464", url))).toEqual({ status: 0, stdout: "", stderr: "" });
      }
    });
    const listed = rowsOf("docs/MONITORING.md").flatMap(([name = ""]) => (metrics.has(name) ? [name] : []));
    expect([...served].filter((name) => !listed.includes(name))).toEqual([]);
    // Nothing failed, nothing was skipped, the simulator has no price, and there is no budget.
    const absent = ["llm_request_errors_total", "llm_cost_dollars_total", "llm_probes_skipped_total", "llm_budget_limit_dollars"];
    expect(listed.filter((name) => !served.has(name) && !absent.includes(name))).toEqual([]);
  });

  test.each([...page.matchAll(/`(lens [^`]+)`/g)].map(([, line = ""]) => line))("tells of %s, which is understood", async (line) => {
    const words = wordsOf(line.replace("TARGET", "sim:")).words.slice(1);
    expect(await readCommandLine(words, 80)).toMatchObject({ kind: "command" });
  });

  // After a change: npx vitest run tooling/test/monitoring-page.test.ts -u
  test("lists the metrics and the panels that the code has", async () => {
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
