import { DEFINITIONS, type MetricName } from "@lens/metrics";

/** A metric as Prometheus is told of it. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** A metric of one number. */
export interface PrometheusScalar extends Described {
  readonly type: "counter" | "gauge";
}

/** A metric of durations in buckets, in seconds. */
export interface PrometheusHistogram extends Described {
  readonly type: "histogram";
  /** The upper bounds of the buckets, in ascending order. */
  readonly bucketsSeconds: readonly number[];
}

/** A metric of any type. */
export type PrometheusMetric = PrometheusScalar | PrometheusHistogram;

/** Upper bounds of buckets in seconds, each set fit for its durations: steps of a third to a half where the durations of most models lie. */
export const BUCKETS_SECONDS = {
  firstToken: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 30, 60, 120],
  gap: [0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10],
  request: [0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600],
  lateness: [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
} as const;

/** The labels of every metric of a target. */
export const TARGET_LABELS = ["provider", "model", "target"] as const;

const targetOnly: readonly string[] = TARGET_LABELS;
/** Of a run as a whole: what it is called, so that the files of two runs can stand in one folder. */
const RUN_LABELS: readonly string[] = ["run"];

function counter(name: string, help: string, ...labels: readonly string[]): PrometheusScalar {
  return { type: "counter", name, help, labelNames: [...TARGET_LABELS, ...labels] };
}

function gauge(name: string, help: string, labelNames = targetOnly): PrometheusScalar {
  return { type: "gauge", name, help, labelNames };
}

function durations(name: string, metric: MetricName, buckets: keyof typeof BUCKETS_SECONDS, labelNames = targetOnly): PrometheusHistogram {
  const help = `${DEFINITIONS[metric].definition} In seconds.`;
  return { type: "histogram", name, help, labelNames, bucketsSeconds: BUCKETS_SECONDS[buckets] };
}

/** Every metric for Prometheus: its name, help, labels and buckets, whoever exports it. */
export const PROMETHEUS_METRICS = {
  requests: counter("llm_requests_total", DEFINITIONS.requests.definition, "status"),
  requestErrors: counter("llm_request_errors_total", "Measured requests that an error ended, by its code.", "error_type"),
  attempts: counter("llm_request_attempts_total", "Tries of measured requests; more than the requests only where some were tried again."),
  sloRequests: counter("llm_slo_requests_total", "Measured requests by whether they met every SLO; failed ones did not.", "met"),
  duration: durations("llm_request_duration_seconds", "e2e", "request"),
  ttft: durations("llm_ttft_seconds", "ttft", "firstToken"),
  ttfo: durations("llm_ttfo_seconds", "ttfo", "firstToken"),
  chunkGap: durations("llm_chunk_gap_seconds", "chunkGap", "gap"),
  tpot: durations("llm_tpot_seconds", "tpot", "gap"),
  responseTtft: durations("llm_response_ttft_seconds", "response.ttft", "firstToken"),
  responseDuration: durations("llm_response_duration_seconds", "response.e2e", "request"),
  tokensPrompt: counter("llm_tokens_prompt_total", "Input tokens of measured requests as reported, cached ones included."),
  tokensPromptCached: counter("llm_tokens_prompt_cached_total", "The part of the input tokens that was read from a cache."),
  tokensGenerated: counter("llm_tokens_generated_total", "Output tokens of measured requests as reported, reasoning included."),
  tokensReasoning: counter("llm_tokens_reasoning_total", "The part of the output tokens that was reasoning."),
  cost: counter("llm_cost_dollars_total", DEFINITIONS.costUsd.definition),
  unpriced: counter("llm_requests_unpriced_total", "Measured requests that are not in the cost, as their price or usage is not known."),
  requestsPerSecond: gauge("llm_requests_per_second", DEFINITIONS["throughput.requestsPerSecond"].definition),
  tokensPerSecond: gauge("llm_system_tokens_per_second", DEFINITIONS["throughput.systemTokensPerSecond"].definition),
  goodputPerSecond: gauge("llm_goodput_requests_per_second", "Requests that met every SLO per second of the measured window."),
  lateness: durations("llm_instrument_lateness_seconds", "instrument.lateness", "lateness", RUN_LABELS),
  clientLimited: gauge("llm_instrument_client_limited", "Whether the machine that measured spoilt the figures: 1 or 0.", RUN_LABELS),
  runStart: gauge("llm_run_start_timestamp_seconds", "When the run began, in seconds since the epoch.", RUN_LABELS),
  runDuration: gauge("llm_run_duration_seconds", "How long the run took.", RUN_LABELS),
  info: gauge("llm_run_info", "Always 1; the labels say what measured.", [...RUN_LABELS, "tool", "version", "mode"]),
} as const satisfies Readonly<Record<string, PrometheusMetric>>;

/** What a monitor says of itself besides, while it runs. */
export const MONITOR_METRICS = {
  up: gauge("llm_probe_up", "Whether the last round of probes had a usable answer: 1 or 0."),
  age: gauge("llm_probe_age_seconds", "Time since the last round of probes ended."),
  interval: gauge("llm_probe_interval_seconds", "Time from the start of one round of probes to that of the next, as configured."),
  late: {
    type: "histogram",
    name: "llm_probe_late_seconds",
    help: "Time from when the schedule wanted a round of probes sent to when it was. In seconds.",
    labelNames: targetOnly,
    bucketsSeconds: BUCKETS_SECONDS.lateness,
  },
  skipped: counter("llm_probes_skipped_total", "Probes that were due and not sent, by why: budget, busy or missed.", "reason"),
  budgetLimit: gauge("llm_budget_limit_dollars", "What all probes of a UTC day may cost.", []),
  budgetSpent: gauge("llm_budget_spent_dollars", "What the probes of this UTC day have cost.", []),
  reloadSuccessful: gauge(
    "llm_config_reload_successful",
    "Whether the configuration could be read the last time it was asked for: 1 or 0.",
    [],
  ),
  reloadTimestamp: gauge(
    "llm_config_reload_timestamp_seconds",
    "When the configuration in force was read, in seconds since the epoch.",
    [],
  ),
  info: gauge("llm_monitor_info", "Always 1; the label says which version monitors.", ["version"]),
} as const satisfies Readonly<Record<string, PrometheusMetric>>;
