import { MONITOR_METRICS, PROMETHEUS_METRICS } from "@lens/exporters";
import { DEFINITIONS } from "@lens/metrics";
import { createDashboard } from "./dashboard.ts";
import { growth, percentile, samples, series, total } from "./expressions.ts";
import { figure, lines } from "./panels.ts";

const { chunkGap, duration, lateness, tokensGenerated, tpot, ttfo, ttft } = PROMETHEUS_METRICS;
const { age, late, up } = MONITOR_METRICS;
const byTarget = { by: ["target"] };
const legend = "{{target}}";
const POOLED = "Of the answers of the last half hour, all chosen targets together.";
const ROLLING = "Each point is of the answers of the half hour before it.";

export const latencyDashboard = createDashboard({
  uid: "lens-latency",
  title: "LLM latency",
  description: "How fast the probed targets answer, and whether the figures can be trusted.",
  rows: [
    {
      title: "Now",
      panels: [
        figure({
          title: "Targets that answer",
          definition: `Of the chosen targets, how many had a usable answer. ${MONITOR_METRICS.up.help}`,
          unit: "count",
          width: 4,
          queries: [{ expression: `sum(${series(up)})`, legend: "up" }],
        }),
        figure({
          title: "TTFT, median",
          definition: `${DEFINITIONS.ttft.definition} ${POOLED}`,
          unit: "seconds",
          width: 4,
          queries: [{ expression: percentile(50, ttft), legend: "p50" }],
        }),
        figure({
          title: "TTFT, p95",
          definition: `${DEFINITIONS.ttft.definition} ${POOLED}`,
          unit: "seconds",
          width: 4,
          queries: [{ expression: percentile(95, ttft), legend: "p95" }],
        }),
        figure({
          title: "End to end, p95",
          definition: `${DEFINITIONS.e2e.definition} ${POOLED} Yellow and red from where the alerts on latency ring.`,
          unit: "seconds",
          width: 4,
          limits: { warning: 5, critical: 10 },
          queries: [{ expression: percentile(95, duration), legend: "p95" }],
        }),
        figure({
          title: "Output speed",
          definition: `Output tokens per second of waiting for them, the wait for the first included. ${POOLED}`,
          unit: "tokensPerSecond",
          width: 4,
          queries: [{ expression: `${growth(tokensGenerated)} / ${total(duration)}`, legend: "speed" }],
        }),
        figure({
          title: "Answers",
          definition: `How many answers the figures of this row come from: those of the last half hour.`,
          unit: "count",
          width: 4,
          queries: [{ expression: samples(duration), legend: "answers" }],
        }),
      ],
    },
    {
      title: "By target",
      panels: [
        lines({
          title: "Time to first token, median",
          definition: `${DEFINITIONS.ttft.definition} ${ROLLING}`,
          unit: "seconds",
          width: 12,
          queries: [{ expression: percentile(50, ttft, byTarget), legend }],
        }),
        lines({
          title: "Time to first token, p95",
          definition: `${DEFINITIONS.ttft.definition} ${ROLLING}`,
          unit: "seconds",
          width: 12,
          queries: [{ expression: percentile(95, ttft, byTarget), legend }],
        }),
        lines({
          title: "End to end, median",
          definition: `${DEFINITIONS.e2e.definition} ${ROLLING}`,
          unit: "seconds",
          width: 12,
          queries: [{ expression: percentile(50, duration, byTarget), legend }],
        }),
        lines({
          title: "End to end, p95",
          definition: `${DEFINITIONS.e2e.definition} ${ROLLING} The dashed lines are where HighLLMLatency and VeryHighLLMLatency ring.`,
          unit: "seconds",
          width: 12,
          limits: { warning: 5, critical: 10 },
          queries: [{ expression: percentile(95, duration, byTarget), legend }],
        }),
        lines({
          title: "Time to first visible text, median",
          definition: `${DEFINITIONS.ttfo.definition} Later than the first token where a model reasons first. ${ROLLING}`,
          unit: "seconds",
          width: 8,
          queries: [{ expression: percentile(50, ttfo, byTarget), legend }],
        }),
        lines({
          title: "Time per output token, median",
          definition: `${DEFINITIONS.tpot.definition} ${ROLLING}`,
          unit: "seconds",
          width: 8,
          queries: [{ expression: percentile(50, tpot, byTarget), legend }],
        }),
        lines({
          title: "Gap between chunks, p95",
          definition: `${DEFINITIONS.chunkGap.definition} ${ROLLING}`,
          unit: "seconds",
          width: 8,
          queries: [{ expression: percentile(95, chunkGap, byTarget), legend }],
        }),
      ],
    },
    {
      title: "Can the figures be trusted?",
      panels: [
        lines({
          title: "Answers behind the figures",
          definition: `Answers of the half hour before each point. Below the dashed line, at 20, the alerts on latency are silent: a p95 of fewer is the slowest answer under another name.`,
          unit: "count",
          width: 12,
          limits: { warning: 20 },
          queries: [{ expression: samples(duration, byTarget), legend }],
        }),
        lines({
          title: "Lateness of the instrument, p99",
          definition: `${DEFINITIONS["instrument.lateness"].definition} By monitor.`,
          unit: "seconds",
          width: 12,
          queries: [{ expression: percentile(99, lateness, { by: ["instance"] }), legend: "{{instance}}" }],
        }),
        lines({
          title: "Lateness of probes, p99",
          definition: `${late.help} ${ROLLING}`,
          unit: "seconds",
          width: 12,
          queries: [{ expression: percentile(99, late, byTarget), legend }],
        }),
        lines({
          title: "Age of the last round",
          definition: `${age.help} ProbeStale rings at three times the interval.`,
          unit: "seconds",
          width: 12,
          queries: [{ expression: `max by (target) (${series(age)})`, legend }],
        }),
      ],
    },
  ],
});
