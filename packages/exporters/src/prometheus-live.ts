import { type ErrorCode, OUTCOME_KINDS, type OutcomeKind, type RequestRecord, type Target, type TokenUsage } from "@lens/core";
import { createSloJudge, type DurationName, figuresOf, isAnswered, tokenCount } from "@lens/metrics";
import { DEFAULT_MAX_TARGETS, forEachTarget, type LiveOptions } from "./live-targets.ts";
import { PROMETHEUS_METRICS as METRICS, type PrometheusMetric } from "./prometheus-metrics.ts";
import { createLiveHistograms, createLiveCounters, type LiveHistogram, type LiveMetric, type LiveCounter } from "./prometheus-series.ts";
import { PROMETHEUS_CONTENT_TYPE, type PrometheusSample, renderPrometheus } from "./prometheus-text.ts";

/** What is needed of a `Registry` of prom-client. */
export interface PrometheusRegistry {
  registerMetric(metric: never): void;
}

/** Where live metrics go. */
export interface PrometheusExporterOptions extends LiveOptions {
  /** The registry of prom-client in which the metrics are to stand; none is needed by those who serve `render()`. */
  readonly register?: PrometheusRegistry;
  /** What this process is called in the metrics that are of no target, by the label `run`; `live` unless given. */
  readonly run?: string;
}

/** Counters and histograms of a process that runs on and on. Its functions can be handed over by themselves, as in `onRecord: exporter.add`. */
export interface PrometheusExporter {
  /** Takes in one request, in a few microseconds. */
  add(record: RequestRecord): void;
  /** All metrics that have samples, in Prometheus' text format. */
  render(): string;
  /** What the text is to be served as. */
  readonly contentType: string;
}

const DURATIONS = [
  ["duration", "e2e"],
  ["ttft", "ttft"],
  ["ttfo", "ttfo"],
  ["tpot", "tpot"],
  ["responseTtft", "responseTtft"],
  ["responseDuration", "responseE2e"],
] as const satisfies readonly (readonly [keyof typeof METRICS, DurationName])[];

const TOKENS = [
  ["tokensPrompt", "inputTokens"],
  ["tokensPromptCached", "cacheReadTokens"],
  ["tokensGenerated", "outputTokens"],
  ["tokensReasoning", "reasoningTokens"],
] as const satisfies readonly (readonly [keyof typeof METRICS, keyof TokenUsage])[];

/** Everything that can be told while requests come. Rates are for Prometheus to make of it. */
function createLiveMetrics() {
  return {
    requests: createLiveCounters(METRICS.requests),
    requestErrors: createLiveCounters(METRICS.requestErrors),
    attempts: createLiveCounters(METRICS.attempts),
    sloRequests: createLiveCounters(METRICS.sloRequests),
    duration: createLiveHistograms(METRICS.duration),
    ttft: createLiveHistograms(METRICS.ttft),
    ttfo: createLiveHistograms(METRICS.ttfo),
    chunkGap: createLiveHistograms(METRICS.chunkGap),
    tpot: createLiveHistograms(METRICS.tpot),
    responseTtft: createLiveHistograms(METRICS.responseTtft),
    responseDuration: createLiveHistograms(METRICS.responseDuration),
    tokensPrompt: createLiveCounters(METRICS.tokensPrompt),
    tokensPromptCached: createLiveCounters(METRICS.tokensPromptCached),
    tokensGenerated: createLiveCounters(METRICS.tokensGenerated),
    tokensReasoning: createLiveCounters(METRICS.tokensReasoning),
    cost: createLiveCounters(METRICS.cost),
    unpriced: createLiveCounters(METRICS.unpriced),
    lateness: createLiveHistograms(METRICS.lateness),
  } as const satisfies { readonly [Name in keyof typeof METRICS]?: LiveMetric };
}

type LiveMetrics = ReturnType<typeof createLiveMetrics>;

function openCounter(counter: LiveCounter): LiveCounter {
  counter.add(0);
  return counter;
}

/** The series of one target. Counts are there from its first request on, since a rate takes two values of a counter; what is not known is not. */
function openTarget(metrics: LiveMetrics, { provider, model, label }: Target, { priceBook = null, slo = null }: LiveOptions) {
  const labels = { provider, model, target: label };
  const statuses = Object.fromEntries(
    OUTCOME_KINDS.map((status) => [status, openCounter(metrics.requests.open({ ...labels, status }))]),
  ) as Readonly<Record<OutcomeKind, LiveCounter>>;
  const errors = new Map<ErrorCode, LiveCounter>();
  const attempts = openCounter(metrics.attempts.open(labels));
  const unpriced = openCounter(metrics.unpriced.open(labels));
  const cost = metrics.cost.open(labels);
  const chunkGap = metrics.chunkGap.open(labels);
  const durations = DURATIONS.map(([metric, name]) => ({ name, series: metrics[metric].open(labels) }));
  const tokens = TOKENS.map(([metric, name]) => ({ name, series: metrics[metric].open(labels) }));
  const judge = slo === null ? null : createSloJudge(slo);
  const openMet = (met: "true" | "false"): LiveCounter => openCounter(metrics.sloRequests.open({ ...labels, met }));
  const slos = judge === null ? null : { judge, met: openMet("true"), missed: openMet("false") };

  function countError(code: ErrorCode): void {
    let series = errors.get(code);
    if (series === undefined) {
      series = metrics.requestErrors.open({ ...labels, error_type: code });
      errors.set(code, series);
    }
    series.add(1);
  }

  return (record: RequestRecord): void => {
    if (record.phase !== "measured") return;
    statuses[record.outcome.kind].add(1);
    attempts.add(record.attempts.length);
    if (record.outcome.error !== null) countError(record.outcome.error.code);
    for (const { name, series } of tokens) {
      const count = tokenCount(record.usage?.[name]);
      if (count !== null) series.add(count);
    }
    const price = priceBook?.price(record) ?? null;
    if (price === null) unpriced.add(1);
    else cost.add(price.totalUsd);
    const figures = isAnswered(record) ? figuresOf(record) : null;
    if (slos !== null) {
      const good = figures === null ? false : slos.judge(figures);
      if (good !== null) (good ? slos.met : slos.missed).add(1);
    }
    if (figures === null) return;
    for (const { name, series } of durations) {
      const durationNs = figures.durationsNs[name];
      if (durationNs !== null) series.record(durationNs);
    }
    for (const gapNs of figures.chunkGapsNs) chunkGap.record(gapNs);
  };
}

/** What prom-client reads of a metric. */
interface RegisteredMetric extends Omit<PrometheusMetric, "name"> {
  /** In OpenMetrics, it takes the ending of a counter's name away, and adds it to the samples. */
  name: string;
  readonly aggregator: "sum";
  get(): Promise<object>;
  reset(): void;
}

function registered({ metric, samples, reset }: LiveMetric): RegisteredMetric {
  const { name: fullName, type, help, labelNames } = metric;
  // It adds labels of its own, and tells a sample's name from the metric's by there being one.
  const valueOf = ({ name, labels, value }: PrometheusSample) => ({
    labels: { ...labels },
    value,
    ...(name === fullName ? {} : { metricName: name }),
  });
  const own: RegisteredMetric = {
    name: fullName,
    type,
    help,
    labelNames,
    aggregator: "sum",
    reset,
    get: () => Promise.resolve({ name: own.name, type, help, aggregator: own.aggregator, values: samples().map(valueOf) }),
  };
  return own;
}

/**
 * Keeps the metrics of `PROMETHEUS_METRICS` that can be told live, from the records that it is given, on a registry of prom-client's or by itself: the
 * same requests give the numbers that `prometheusExporter` writes of their report, but that a bucket's bound is exact here. prom-client itself is not
 * imported; its registry takes any object that can say its values. Throws what the registry throws where a name is taken, and `INVALID_ARGUMENT`
 * unless `maxTargets` is a whole number from 1 up.
 */
export function createPrometheusExporter(options: PrometheusExporterOptions = {}): PrometheusExporter {
  const { register, run = "live", maxTargets = DEFAULT_MAX_TARGETS } = options;
  const metrics = createLiveMetrics();
  const seriesOf = forEachTarget(maxTargets, (target) => openTarget(metrics, target, options));
  const lateness: LiveHistogram = metrics.lateness.open({ run });
  const all: readonly LiveMetric[] = Object.values(metrics);
  for (const metric of all) register?.registerMetric(registered(metric) as never);
  return {
    add(record) {
      seriesOf(record.target)(record);
      if (record.phase === "measured" && record.latenessNs !== null) lateness.record(record.latenessNs);
    },
    render: () =>
      renderPrometheus(all.map((live) => ({ metric: live.metric, samples: live.samples() })).filter(({ samples }) => samples.length > 0)),
    contentType: PROMETHEUS_CONTENT_TYPE,
  };
}
