import type { ThresholdMetric } from "@lens/metrics";
import { LOADING, MEASURING } from "./command-table.ts";
import type { Option } from "./option.ts";

/** What a threshold can be on, for the help, which does not wait for the metrics themselves to be loaded. */
export const METRICS_OF_THRESHOLDS = [
  "ttft",
  "ttfo",
  "ttfb",
  "tpot",
  "itl",
  "chunkGap",
  "e2e",
  "response.ttft",
  "response.ttfo",
  "response.e2e",
  "phases.dns",
  "phases.connect",
  "phases.tls",
  "outputTokensPerSecond",
  "effectiveTokensPerSecond",
  "errorRate",
  "goodput",
  "goodput.ratePerSecond",
  "requests",
  "throughput.requestsPerSecond",
  "throughput.systemTokensPerSecond",
  "tokens.perChunk",
  "costUsd.total",
  "costUsd.perRequest",
  "costUsd.per1000Requests",
  "costUsd.perMillionOutputTokens",
] as const satisfies readonly ThresholdMetric[];

/** The options that say what figures have to be. */
export const GATE_OPTIONS = {
  thresholds: {
    kind: "list",
    flag: "threshold",
    group: "Thresholds",
    commands: [...MEASURING, "check"],
    placeholder: "THRESHOLD",
    expected: 'a threshold such as "ttft p95 < 800ms"',
    describe: 'What must hold: "ttft p95 < 800ms", "error rate < 1%", "vs main.json: ttft p95 < +10%"; may be repeated',
  },
  abortOnFail: {
    kind: "switch",
    group: "Thresholds",
    commands: LOADING,
    expected: "true or false",
    describe: "Stop as soon as a threshold cannot be met any more",
  },
} as const satisfies Readonly<Record<string, Option>>;
