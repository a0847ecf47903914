import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { describe, expect, test } from "vitest";
import { DASHBOARDS, panelsOf } from "../dashboards/dashboards.ts";
import { metricOf, readMonitoring } from "./monitoring.ts";
import { readPromql } from "./promql.ts";

const NAMED = Object.entries(DASHBOARDS);

interface Provisioned {
  readonly datasources: readonly { readonly type: string; readonly isDefault?: boolean }[];
}

const CHOSEN = ['provider=~"$provider"', 'model=~"$model"', 'target=~"$target"'];

const expressionsOf = ({ targets = [] }: Panel): readonly string[] => targets.map((target) => (target as unknown as { expr: string }).expr);
const PANELS = NAMED.flatMap(([name, dashboard]) => panelsOf(dashboard).map((panel) => [name, panel.title ?? "", panel] as const));

describe("the dashboards", () => {
  // After a change: npx vitest run tooling/test/dashboards.test.ts -u
  test.each(NAMED)("%s is what the code says, to the letter", async (name, dashboard) => {
    await expect(`${JSON.stringify(dashboard, null, 2)}\n`).toMatchFileSnapshot(`../../monitoring/grafana/dashboards/${name}.json`);
  });

  test.each(NAMED)("%s has panels with numbers of their own that lie beside each other", (_, dashboard) => {
    const all = dashboard.panels ?? [];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const cells = all.flatMap(({ gridPos }) => {
      const { x = 0, y = 0, w = 0, h = 0 } = gridPos ?? {};
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_each, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  test.each(NAMED)("%s can be narrowed to providers, their models and their targets, all at first", (_, { templating }) => {
    const [source, ...variables] = templating?.list ?? [];
    expect(source).toMatchObject({ name: "datasource", type: "datasource", query: "prometheus" });
    expect(variables.map(({ name, query }) => [name, (query as { query: string }).query])).toEqual([
      ["provider", "label_values(llm_requests_total, provider)"],
      ["model", 'label_values(llm_requests_total{provider=~"$provider"}, model)'],
      ["target", 'label_values(llm_requests_total{provider=~"$provider",model=~"$model"}, target)'],
    ]);
    for (const variable of variables)
      expect(variable).toMatchObject({ multi: true, includeAll: true, allValue: ".*", current: { value: ["$__all"] } });
  });

  test.each(NAMED)("%s marks when alerts rang for what was chosen", (_, { annotations }) => {
    expect(annotations?.list).toMatchObject([{ name: "Alerts", enable: true, datasource: { type: "prometheus", uid: "${datasource}" } }]);
    expect(readPromql(annotations?.list?.[0]?.expr ?? "")).toMatchObject({
      faults: [],
      selectors: [{ name: "ALERTS", matchers: ['alertstate="firing"', ...CHOSEN] }],
    });
  });

  test("have addresses of their own, and the data source that is provisioned", () => {
    expect(new Set(NAMED.map(([, { uid }]) => uid)).size).toBe(NAMED.length);
    const { datasources } = readMonitoring("grafana/provisioning/datasources/lens.yml") as Provisioned;
    expect(datasources.filter(({ isDefault }) => isDefault === true).map(({ type }) => type)).toEqual(["prometheus"]);
  });
});

describe("a panel", () => {
  test.each(PANELS)("of %s, %s, says what its figures are, in a unit, from the data source that was chosen", (_, title, panel) => {
    expect(title).toMatch(/^[A-Z]/);
    expect(panel.description).toMatch(/^[A-Z].{30,}\.$/);
    expect(panel.description).not.toMatch(/undefined|null/);
    expect(panel.fieldConfig?.defaults.unit).toMatch(/\w/);
    expect(panel.datasource).toEqual({ type: "prometheus", uid: "${datasource}" });
    expect(panel.targets?.length).toBeGreaterThan(0);
  });

  test.each(PANELS)("of %s, %s, asks for series that there are, and of targets only for those that were chosen", (_, title, panel) => {
    for (const expression of expressionsOf(panel)) {
      const { faults, selectors, groupedBy } = readPromql(expression);
      expect(faults).toEqual([]);
      expect(selectors.length).toBeGreaterThan(0);
      for (const { name, matchers } of selectors) {
        const metric = metricOf(name);
        expect({ title, name, metric }).not.toEqual({ title, name, metric: null });
        if (metric === null || typeof metric === "string") continue;
        const labels: readonly string[] = ["job", "instance", "le", ...metric.labelNames];
        const isOfTarget = labels.includes("target");
        expect(matchers.filter((matcher) => CHOSEN.includes(matcher))).toEqual(isOfTarget ? CHOSEN : []);
        expect(labels).toEqual(expect.arrayContaining([...matchers.map((matcher) => matcher.replace(/\W.*/, "")), ...groupedBy]));
      }
    }
  });
});
