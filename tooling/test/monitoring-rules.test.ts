import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { rootDir } from "../scripts/workspace.mjs";
import { blocksOf, readPage } from "./markdown.ts";
import { alerts, metricOf, readMonitoring, recordings } from "./monitoring.ts";
import { hasProgram, runLine } from "./programs.ts";
import { readPromql } from "./promql.ts";

const PAGE = "docs/MONITORING.md";
/** What the page tells to check before a change of the rules is rolled out. */
const commands = blocksOf(PAGE).flatMap(({ language, text }) => (language === "sh" ? text.split("\n") : []));
const ofPromtool = commands.filter((line) => line.startsWith("promtool "));

interface UnitTests {
  readonly tests: readonly {
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  }[];
}

const unitTests = readdirSync(path.join(rootDir, "monitoring/prometheus/tests")).flatMap((file) =>
  (readMonitoring(`prometheus/tests/${file}`) as UnitTests).tests.flatMap(({ alert_rule_test }) => alert_rule_test),
);

describe("the rules for Prometheus", () => {
  test.runIf(hasProgram("promtool")).each(ofPromtool)("pass %s", async (line) => {
    expect(await runLine(line)).toEqual({ status: 0, stdout: expect.stringContaining("SUCCESS"), stderr: "" });
  });

  test("are checked by the commands of the documentation in every way that promtool has", () => {
    const done = ofPromtool.map((line) => line.split(" ", 3).slice(1).join(" "));
    expect(done).toEqual(["check config", "check rules", "test rules"]);
  });

  test.each([...alerts, ...recordings].map((rule) => ["alert" in rule ? rule.alert : rule.record, rule] as const))(
    "%s asks only for series that there are, by labels that they have",
    (_, { expr }) => {
      const { faults, selectors } = readPromql(expr);
      expect(faults).toEqual([]);
      expect(selectors.length).toBeGreaterThan(0);
      for (const { name, matchers } of selectors) {
        const metric = metricOf(name);
        expect({ name, metric }).not.toEqual({ name, metric: null });
        if (metric === null || typeof metric === "string") continue;
        const labels = matchers.map((matcher) => matcher.replace(/\W.*/, ""));
        expect(["job", ...metric.labelNames]).toEqual(expect.arrayContaining(labels));
      }
    },
  );

  test("record nothing that nobody asks for", () => {
    const asked = new Set([...alerts, ...recordings].flatMap(({ expr }) => readPromql(expr).selectors.map(({ name }) => name)));
    expect(recordings.map(({ record }) => record).filter((record) => !asked.has(record))).toEqual([]);
  });
});

describe("the alerts", () => {
  test("are those that the documentation explains, each under a heading of its name with its severity", () => {
    const page = readPage(PAGE);
    const explained = [...page.matchAll(/^### (\w+)\n\nSeverity: (\w+)\. /gm)].map(([, name, severity]) => ({ name, severity }));
    const byName = (left: { name?: string | undefined }, right: { name?: string | undefined }): number =>
      (left.name ?? "").localeCompare(right.name ?? "");
    const given = alerts.map(({ alert, labels: { severity } }) => ({ name: alert, severity }));
    expect(explained.toSorted(byName)).toEqual(given.toSorted(byName));
  });

  test.each(alerts.map((alert) => [alert.alert, alert] as const))("%s says in words what is wrong, and where to read on", (name, alert) => {
    const { summary, description, runbook_url } = alert.annotations;
    expect(summary).toMatch(/^(The monitor|.*\{\{ \$(labels|value)).*[^.]$/);
    expect(description).toMatch(/^[A-Z{].*\.$/);
    expect(runbook_url).toBe(`https://github.com/llm-latency-lens/llm-latency-lens/blob/main/${PAGE}#${name.toLowerCase()}`);
  });

  test.each(alerts.map(({ alert }) => alert))("%s is tested where it rings and where it does not", (name) => {
    const expected = unitTests.filter(({ alertname }) => alertname === name).map(({ exp_alerts }) => exp_alerts.length > 0);
    expect(new Set(expected)).toEqual(new Set([true, false]));
  });
});
