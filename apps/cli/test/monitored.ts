import { createPriceBook } from "@lens/metrics";
import { findAdapter, type Transport } from "@lens/providers";
import type { Script } from "@lens/providers/testing";
import { DEFAULT_SETTINGS } from "../src/defaults.ts";
import { createLog, type Log } from "../src/monitor/log.ts";
import type { MonitorPlan } from "../src/monitor/plan.ts";

export const SECOND = 1e9;

/** An answer of three tokens: the first after `ttftMs`, the others 10 ms apart. */
export function answered(ttftMs: number): Script {
  const chunk = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
  const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 3 } })}\n\n`;
  return {
    steps: [
      { afterNs: 0, type: "headers" },
      { afterNs: ttftMs * 1e6, type: "bytes", bytes: chunk("one") },
      { afterNs: 10e6, type: "bytes", bytes: chunk("two") },
      {
        afterNs: 10e6,
        type: "bytes",
        bytes: `${chunk("three")}data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n${usage}data: [DONE]\n\n`,
      },
      { afterNs: 0, type: "end" },
    ],
  };
}

/** A server that takes the request and never answers. */
export const HUNG: Script = { steps: [] };

export interface PlanParts {
  readonly labels: readonly string[];
  readonly transport: Transport;
  readonly intervalNs?: number;
  readonly jitter?: number;
  readonly probes?: number;
  readonly maxCostPerDayUsd?: number | null;
  readonly mostUsd?: number;
  readonly timeoutNs?: number;
  readonly onClose?: () => void;
}

/** A plan without a configuration: the model of each target is its label. A probe that is answered costs $0.13. */
export function planOf(parts: PlanParts): MonitorPlan {
  const {
    labels,
    transport,
    intervalNs = 60 * SECOND,
    jitter = 0,
    probes = 1,
    maxCostPerDayUsd = null,
    mostUsd = 0,
    timeoutNs = 30 * SECOND,
  } = parts;
  const adapter = findAdapter("openai");
  const targets = labels.map((label) => ({
    label,
    model: label,
    adapter,
    adapterId: "openai",
    keyVariable: null,
    credentials: { apiKey: "canary-key", baseUrl: `http://${label}.test/v1` },
  }));
  const rates = { inputPerMillionUsd: 10_000, outputPerMillionUsd: 10_000, cacheReadPerMillionUsd: null, cacheWritePerMillionUsd: null };
  return {
    settings: DEFAULT_SETTINGS,
    session: {
      targets,
      transport,
      timeouts: { totalNs: timeoutNs },
      retry: null,
      proxyFor: () => null,
      close: async () => parts.onClose?.(),
    },
    prompt: { messages: [{ role: "user", content: "canary-prompt" }] },
    probes,
    intervalNs,
    jitter,
    priceBook: createPriceBook(
      labels.map((modelId) => ({ modelId, providers: null, rates, tiers: [], source: "a test", asOf: "2026-11-23" })),
    ),
    monitored: targets.map((target) => ({ target, mostUsd })),
    maxCostPerDayUsd,
    token: null,
    secrets: ["canary-key"],
    byDefault: false,
    graceNs: SECOND,
  };
}

/** A log that keeps what it is told. */
export function keptLog(): {
  readonly log: Log;
  readonly entries: () => readonly { level: string; message: string; [field: string]: unknown }[];
  readonly text: () => string;
} {
  let text = "";
  const log = createLog({ clock: { epochMs: () => 0 }, write: (line) => (text += line), least: "debug" });
  return {
    log,
    text: () => text,
    entries: () =>
      text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
  };
}

/** The numbers of a text for Prometheus, by name and labels as they are written. */
export function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}
