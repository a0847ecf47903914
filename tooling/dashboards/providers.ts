import { PROMETHEUS_METRICS } from "@lens/exporters";
import { DEFINITIONS } from "@lens/metrics";
import { createDashboard } from "./dashboard.ts";
import { growth, LATELY, percentile, total } from "./expressions.ts";
import { bars, lines } from "./panels.ts";

const { cost, duration, requests, tokensGenerated, ttft } = PROMETHEUS_METRICS;
const byModel = { by: ["provider", "model"] };
const ranged = { ...byModel, window: "$__range" };
const legend = "{{provider}} {{model}}";
const WHOLE = "Of all answers of the time chosen above.";
const ROLLING = "Each point is of the answers of the half hour before it.";
const SPEED = "Output tokens per second of waiting for them, the wait for the first included.";
const FAILED = 'status=~"error|incomplete"';

export const providersDashboard = createDashboard({
  uid: "lens-providers",
  title: "LLM providers compared",
  description:
    "Providers and models beside each other. To decide between two, measure them side by side with `lens compare`: it says what is chance.",
  rows: [
    {
      title: "Over the time chosen",
      panels: [
        bars({
          title: "Time to first token, median",
          definition: `${DEFINITIONS.ttft.definition} ${WHOLE}`,
          unit: "seconds",
          width: 8,
          queries: [{ expression: percentile(50, ttft, ranged), legend }],
        }),
        bars({
          title: "Time to first token, p95",
          definition: `${DEFINITIONS.ttft.definition} ${WHOLE}`,
          unit: "seconds",
          width: 8,
          queries: [{ expression: percentile(95, ttft, ranged), legend }],
        }),
        bars({
          title: "End to end, p95",
          definition: `${DEFINITIONS.e2e.definition} ${WHOLE}`,
          unit: "seconds",
          width: 8,
          queries: [{ expression: percentile(95, duration, ranged), legend }],
        }),
        bars({
          title: "Output speed",
          definition: `${SPEED} ${WHOLE}`,
          unit: "tokensPerSecond",
          width: 8,
          queries: [{ expression: `${growth(tokensGenerated, ranged)} / ${total(duration, ranged)}`, legend }],
        }),
        bars({
          title: "Failed requests",
          definition: "Requests that ended in an error, or in the middle of an answer, as a share of all of the time chosen above.",
          unit: "share",
          width: 8,
          queries: [{ expression: `${growth(requests, { ...ranged, where: FAILED })} / ${growth(requests, ranged)}`, legend }],
        }),
        bars({
          title: "Cost of a million output tokens",
          definition: `What was paid, input included, by the output tokens that came. ${DEFINITIONS.costUsd.definition}`,
          unit: "dollars",
          width: 8,
          queries: [{ expression: `1e6 * ${growth(cost, ranged)} / ${growth(tokensGenerated, ranged)}`, legend }],
        }),
      ],
    },
    {
      title: "Over time",
      panels: [
        lines({
          title: "Time to first token, median",
          definition: `${DEFINITIONS.ttft.definition} ${ROLLING}`,
          unit: "seconds",
          width: 12,
          queries: [{ expression: percentile(50, ttft, byModel), legend }],
        }),
        lines({
          title: "End to end, p95",
          definition: `${DEFINITIONS.e2e.definition} ${ROLLING}`,
          unit: "seconds",
          width: 12,
          queries: [{ expression: percentile(95, duration, byModel), legend }],
        }),
        lines({
          title: "Output speed",
          definition: `${SPEED} ${ROLLING}`,
          unit: "tokensPerSecond",
          width: 12,
          queries: [{ expression: `${growth(tokensGenerated, byModel)} / ${total(duration, byModel)}`, legend }],
        }),
        lines({
          title: "Requests",
          definition: `${DEFINITIONS.requests.definition} Per minute, of the 5 minutes before each point.`,
          unit: "perMinute",
          width: 12,
          queries: [{ expression: `${growth(requests, { ...byModel, window: LATELY })} / 5`, legend }],
        }),
      ],
    },
  ],
});
