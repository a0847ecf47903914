import { MONITOR_METRICS, PROMETHEUS_METRICS } from "@lens/exporters";
import { DEFINITIONS } from "@lens/metrics";
import { createDashboard } from "./dashboard.ts";
import { CHOSEN, growth, LATELY, orNone, series } from "./expressions.ts";
import { figure, lines, stack, states } from "./panels.ts";

const { attempts, requestErrors, requests } = PROMETHEUS_METRICS;
const { reloadSuccessful, skipped, up } = MONITOR_METRICS;
const byTarget = { by: ["target"] };
const FAILED = { where: 'status=~"error|incomplete"' };
const SHARE = "Requests that ended in an error, or in the middle of an answer, as a share of all.";
const lately = (label: string) => ({ by: [label], window: LATELY });
const MONITOR = 'job="lens-monitor"';

export const errorsDashboard = createDashboard({
  uid: "lens-errors",
  title: "LLM errors",
  description: "What fails: requests, targets, and the monitor itself.",
  rows: [
    {
      title: "Now",
      panels: [
        figure({
          title: "Failed requests",
          definition: `${SHARE} Of the last half hour; red from where HighErrorRate rings.`,
          unit: "share",
          width: 6,
          limits: { critical: 0.1 },
          queries: [{ expression: `${growth(requests, FAILED)} / ${growth(requests)}`, legend: "failed" }],
        }),
        figure({
          title: "Failed requests, in all",
          definition: "Requests of the time chosen above that ended in an error, or in the middle of an answer.",
          unit: "count",
          width: 6,
          queries: [{ expression: growth(requests, { ...FAILED, window: "$__range" }), legend: "failed" }],
        }),
        figure({
          title: "Targets down",
          definition: `Of the chosen targets, how many had no usable answer in their last round. ${up.help}`,
          unit: "count",
          width: 6,
          limits: { critical: 1 },
          queries: [{ expression: `count(${series(up)} == 0) or vector(0)`, legend: "down" }],
        }),
        figure({
          title: "Alerts",
          definition: "Alerts that ring, of the chosen targets and of the monitors.",
          unit: "count",
          width: 6,
          limits: { warning: 1 },
          queries: [{ expression: `count(ALERTS{alertstate="firing",${CHOSEN}}) or vector(0)`, legend: "alerts" }],
        }),
      ],
    },
    {
      title: "Targets",
      panels: [
        states(
          {
            title: "Up and down",
            definition: up.help,
            unit: "count",
            width: 24,
            queries: [{ expression: `min by (target) (${series(up)})`, legend: "{{target}}" }],
          },
          { one: "up", zero: "down" },
        ),
        lines({
          title: "Failed requests, by target",
          definition: `${SHARE} Of the half hour before each point; the dashed line is where HighErrorRate rings.`,
          unit: "share",
          width: 12,
          limits: { critical: 0.1 },
          queries: [
            { expression: `${growth(requests, { ...byTarget, ...FAILED })} / ${growth(requests, byTarget)}`, legend: "{{target}}" },
          ],
        }),
        stack({
          title: "Errors, by their code",
          definition: `${requestErrors.help} Of the 5 minutes before each point.`,
          unit: "count",
          width: 12,
          queries: [{ expression: orNone(growth(requestErrors, lately("error_type")), "error_type"), legend: "{{error_type}}" }],
        }),
        stack({
          title: "Requests, by how they ended",
          definition: `${DEFINITIONS.requests.definition} Of the 5 minutes before each point.`,
          unit: "count",
          width: 12,
          queries: [{ expression: growth(requests, lately("status")), legend: "{{status}}" }],
        }),
        lines({
          title: "Retries",
          definition: `${attempts.help} Further tries for each request, of the half hour before each point.`,
          unit: "share",
          width: 12,
          queries: [{ expression: `${growth(attempts, byTarget)} / ${growth(requests, byTarget)} - 1`, legend: "{{target}}" }],
        }),
      ],
    },
    {
      title: "The monitor",
      panels: [
        stack({
          title: "Probes not sent, by why",
          definition: `${skipped.help} Of the 5 minutes before each point.`,
          unit: "count",
          width: 12,
          queries: [{ expression: orNone(growth(skipped, lately("reason")), "reason"), legend: "{{reason}}" }],
        }),
        states(
          {
            title: "Configuration",
            definition: reloadSuccessful.help,
            unit: "count",
            width: 12,
            queries: [{ expression: `min by (instance) (${series(reloadSuccessful)})`, legend: "{{instance}}" }],
          },
          { one: "read", zero: "not readable, the old one holds" },
        ),
        lines({
          title: "Processor",
          definition: "Processor time of the monitor per second. HighCPUUsage rings at the dashed line.",
          unit: "cores",
          width: 12,
          limits: { warning: 0.8 },
          queries: [{ expression: `rate(process_cpu_seconds_total{${MONITOR}}[${LATELY}])`, legend: "{{instance}}" }],
        }),
        lines({
          title: "Memory",
          definition: "Resident memory of the monitor. HighMemoryUsage rings at the dashed line.",
          unit: "bytes",
          width: 12,
          limits: { warning: 800e6 },
          queries: [{ expression: `process_resident_memory_bytes{${MONITOR}}`, legend: "{{instance}}" }],
        }),
      ],
    },
  ],
});
