import type { Dashboard, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { costDashboard } from "./cost.ts";
import { errorsDashboard } from "./errors.ts";
import { latencyDashboard } from "./latency.ts";
import { providersDashboard } from "./providers.ts";

/** Every dashboard, by the name of its file in monitoring/grafana/dashboards. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  cost: costDashboard,
  errors: errorsDashboard,
  latency: latencyDashboard,
  providers: providersDashboard,
};

/** The panels of a dashboard, without the rows that they stand in. */
export function panelsOf({ panels = [] }: Dashboard): readonly Panel[] {
  return panels.filter((panel): panel is Panel => "type" in panel && panel.type !== "row");
}
