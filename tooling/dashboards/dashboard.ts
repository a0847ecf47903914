import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PROMETHEUS_METRICS } from "@lens/exporters";
import { CHOSEN } from "./expressions.ts";
import { DATA_SOURCE, type PanelBuilder } from "./panels.ts";

interface Row {
  readonly title: string;
  readonly panels: readonly PanelBuilder[];
}

interface DashboardOptions {
  /** Never changes: links and bookmarks hold it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
}

const TAG = "llm-latency-lens";

/** A variable whose values are those of a label, of the series that the variables before it leave over. */
function variable(name: string, label: string, narrowedBy: readonly string[]): QueryVariableBuilder {
  const matchers = narrowedBy.map((other) => `${other}=~"$${other}"`).join(",");
  const from = matchers === "" ? PROMETHEUS_METRICS.requests.name : `${PROMETHEUS_METRICS.requests.name}{${matchers}}`;
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATA_SOURCE)
    .query({ query: `label_values(${from}, ${name})`, refId: "StandardVariableQuery" })
    .definition(`label_values(${from}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ selected: true, text: ["All"], value: ["$__all"] });
}

/** Marks on every chart where an alert rang, of the chosen targets and of the monitors themselves. */
const alerts = (): AnnotationQueryBuilder =>
  new AnnotationQueryBuilder()
    .name("Alerts")
    .datasource(DATA_SOURCE)
    .enable(true)
    .hide(false)
    .iconColor("red")
    .expr(`ALERTS{alertstate="firing",${CHOSEN}}`)
    .step("15s")
    .titleFormat("{{alertname}}")
    .textFormat("{{target}} {{instance}}")
    .tagKeys("severity");

const otherDashboards = (): DashboardLinkBuilder =>
  new DashboardLinkBuilder("Dashboards").type(DashboardLinkType.Dashboards).tags([TAG]).asDropdown(true).includeVars(true).keepTime(true);

/** A dashboard of rows of panels, with the variables, annotations and links that all have. */
export function createDashboard({ uid, title, description, rows }: DashboardOptions): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .timezone("browser")
    .time({ from: "now-6h", to: "now" })
    .refresh("30s")
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .link(otherDashboards())
    .annotation(alerts())
    .withVariable(new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"))
    .withVariable(variable("provider", "Provider", []))
    .withVariable(variable("model", "Model", ["provider"]))
    .withVariable(variable("target", "Target", ["provider", "model"]));
  let id = 0;
  for (const { title: rowTitle, panels } of rows) {
    builder.withRow(new RowBuilder(rowTitle).id((id += 1)));
    for (const panel of panels) {
      panel.id((id += 1));
      builder.withPanel(panel);
    }
  }
  return builder.build();
}
