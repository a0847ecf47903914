import { MONITOR_METRICS, PROMETHEUS_METRICS } from "@lens/exporters";
import { DEFINITIONS } from "@lens/metrics";
import { createDashboard } from "./dashboard.ts";
import { growth, LATELY, orNone, series } from "./expressions.ts";
import { figure, lines, stack } from "./panels.ts";

const { cost, requests, tokensGenerated, tokensPrompt, tokensPromptCached, tokensReasoning, unpriced } = PROMETHEUS_METRICS;
const { budgetLimit, budgetSpent, skipped } = MONITOR_METRICS;
const byTarget = { by: ["target"] };
const byModel = { by: ["provider", "model"] };
const lately = { window: LATELY };
const ranged = { window: "$__range" };
const PRICED = DEFINITIONS.costUsd.definition;

export const costDashboard = createDashboard({
  uid: "lens-cost",
  title: "LLM cost of monitoring",
  description: "What the probes cost. It is what this monitor pays, not what your users do.",
  rows: [
    {
      title: "Now",
      panels: [
        figure({
          title: "Spent",
          definition: `By the chosen targets in the time chosen above. ${PRICED}`,
          unit: "dollars",
          width: 5,
          queries: [{ expression: growth(cost, ranged), legend: "spent" }],
        }),
        figure({
          title: "At this rate, a day",
          definition: `What a day costs if it goes on as in the last half hour. ${PRICED}`,
          unit: "dollars",
          width: 5,
          queries: [{ expression: `24 * 2 * ${growth(cost)}`, legend: "a day" }],
        }),
        figure({
          title: "Spent today",
          definition: budgetSpent.help,
          unit: "dollars",
          width: 5,
          queries: [{ expression: `sum(${series(budgetSpent)})`, legend: "today" }],
        }),
        figure({
          title: "Of the day's budget",
          definition: `What the probes of this UTC day have cost, as a share of what they may. Yellow from where BudgetNearlySpent rings; at 100 % no probe is sent. By monitor.`,
          unit: "share",
          width: 5,
          limits: { warning: 0.8, critical: 1 },
          whenEmpty: "No budget",
          queries: [{ expression: `max by (instance) (${series(budgetSpent)} / ${series(budgetLimit)})`, legend: "{{instance}}" }],
        }),
        figure({
          title: "Requests without a price",
          definition: unpriced.help,
          unit: "count",
          width: 4,
          queries: [{ expression: growth(unpriced, ranged), legend: "unpriced" }],
        }),
      ],
    },
    {
      title: "Where it goes",
      panels: [
        stack({
          title: "Cost per hour",
          definition: `At the rate of the half hour before each point. ${PRICED}`,
          unit: "dollars",
          width: 12,
          queries: [{ expression: `2 * ${growth(cost, byModel)}`, legend: "{{provider}} {{model}}" }],
        }),
        lines({
          title: "Cost of a request",
          definition: `Of the requests that have a price, in the half hour before each point. ${PRICED}`,
          unit: "dollars",
          width: 12,
          queries: [
            {
              expression: `${growth(cost, byTarget)} / (${growth(requests, byTarget)} - ${growth(unpriced, byTarget)})`,
              legend: "{{target}}",
            },
          ],
        }),
        lines({
          title: "Cost of a million output tokens",
          definition: `What was paid, input included, by the output tokens that came, in the half hour before each point. ${PRICED}`,
          unit: "dollars",
          width: 12,
          queries: [
            { expression: `1e6 * ${growth(cost, byModel)} / ${growth(tokensGenerated, byModel)}`, legend: "{{provider}} {{model}}" },
          ],
        }),
        lines({
          title: "Tokens",
          definition: `${DEFINITIONS.tokens.definition} Per minute, of the 5 minutes before each point.`,
          unit: "perMinute",
          width: 12,
          queries: [
            { expression: `${growth(tokensPrompt, lately)} / 5`, legend: "input" },
            { expression: `${growth(tokensPromptCached, lately)} / 5`, legend: "of it from a cache" },
            { expression: `${growth(tokensGenerated, lately)} / 5`, legend: "output" },
            { expression: `${growth(tokensReasoning, lately)} / 5`, legend: "of it reasoning" },
          ],
        }),
        lines({
          title: "Input from a cache",
          definition: `${tokensPromptCached.help} A probe that is answered from a cache is faster than what users send.`,
          unit: "share",
          width: 12,
          queries: [{ expression: `${growth(tokensPromptCached, byTarget)} / ${growth(tokensPrompt, byTarget)}`, legend: "{{target}}" }],
        }),
        lines({
          title: "Probes not sent, for the budget",
          definition: `${skipped.help} Here those of the budget, of the 5 minutes before each point.`,
          unit: "count",
          width: 12,
          queries: [
            { expression: orNone(growth(skipped, { ...byTarget, ...lately, where: 'reason="budget"' }), "target"), legend: "{{target}}" },
          ],
        }),
      ],
    },
  ],
});
