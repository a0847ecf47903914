import type { RequestRecord, Target, TokenUsage } from "@lens/core";
import { createSloJudge, type DurationName, figuresOf, isAnswered, tokenCount } from "@lens/metrics";
import { version } from "../package.json";
import { DEFAULT_MAX_TARGETS, forEachTarget, type LiveOptions } from "./live-targets.ts";
import { genAiAttributes, type OtelAttributes } from "./otel-attributes.ts";
import {
  GENAI_METRICS,
  GENAI_METRICS_V1_41,
  LENS_METRICS,
  type OtelHistogram,
  type OtelMetric,
  type SemanticConvention,
} from "./otel-metrics.ts";

/** What is needed of OpenTelemetry's `MeterProvider`. Said here, so that its packages are needed by nobody who does without. */
export interface OtelMeterProvider {
  getMeter(name: string, version: string): OtelMeter;
}

interface OtelMeter {
  createCounter(name: string, options: InstrumentOptions): OtelCounter;
  createHistogram(name: string, options: InstrumentOptions & { readonly advice: { explicitBucketBoundaries: number[] } }): OtelRecorder;
}

interface InstrumentOptions {
  readonly description: string;
  readonly unit: string;
  readonly valueType: number;
}

interface OtelCounter {
  add(value: number, attributes: OtelAttributes): void;
}

interface OtelRecorder {
  record(value: number, attributes: OtelAttributes): void;
}

/** How live metrics are named, and what of requests is told. */
export interface OtelMetricsOptions extends LiveOptions {
  /** The names of the GenAI conventions: `latest` unless given. Our own stand beside them in any case. */
  readonly semconv?: SemanticConvention;
}

/** Metrics of a process that runs on and on. Its function can be handed over by itself, as in `onRecord: metrics.add`. */
export interface OtelMetrics {
  /** Takes in one request, at what the instruments of the SDK take for each of its figures. */
  add(record: RequestRecord): void;
}

const NS_PER_SECOND = 1e9;
/** `ValueType` of `@opentelemetry/api`. */
const INT = 0;
const DOUBLE = 1;
/** A server that answers under ever new model names must not fill the memory. */
const MOST_MODEL_NAMES = 20;
const OTHER_MODELS = "(others)";

/** The instruments, each beside the figure that it takes. */
interface Instruments {
  readonly durations: readonly (readonly [DurationName, OtelRecorder])[];
  readonly chunkGaps: readonly OtelRecorder[];
  readonly usage: readonly (readonly [keyof Omit<TokenUsage, "raw">, (tokens: number, attributes: OtelAttributes) => void])[];
}

function createMaker(meter: OtelMeter) {
  const histogram = ({ name, description, unit, bounds }: OtelHistogram, valueType: number): OtelRecorder =>
    meter.createHistogram(name, { description, unit, valueType, advice: { explicitBucketBoundaries: [...bounds] } });
  const sum = ({ name, description, unit }: OtelMetric, valueType: number): OtelCounter =>
    meter.createCounter(name, { description, unit, valueType });
  return {
    seconds: (metric: OtelHistogram) => histogram(metric, DOUBLE),
    tokens: (metric: OtelHistogram) => histogram(metric, INT),
    count: (metric: OtelMetric) => sum(metric, INT),
    amount: (metric: OtelMetric) => sum(metric, DOUBLE),
  };
}

type Maker = ReturnType<typeof createMaker>;

function latestInstruments(make: Maker): Instruments {
  const inputs = make.tokens(GENAI_METRICS.operationInputTokens);
  const outputs = make.tokens(GENAI_METRICS.operationOutputTokens);
  const sums = (["inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "reasoningTokens"] as const).map(
    (name) => [name, make.count(GENAI_METRICS[name])] as const,
  );
  return {
    durations: [
      ["e2e", make.seconds(GENAI_METRICS.duration)],
      ["ttft", make.seconds(GENAI_METRICS.timeToFirstChunk)],
    ],
    chunkGaps: [make.seconds(GENAI_METRICS.timePerOutputChunk)],
    usage: [
      ["inputTokens", (tokens, attributes) => inputs.record(tokens, attributes)],
      ["outputTokens", (tokens, attributes) => outputs.record(tokens, attributes)],
      ...sums.map(([name, sum]) => [name, (tokens: number, attributes: OtelAttributes) => sum.add(tokens, attributes)] as const),
    ],
  };
}

function instrumentsOfV1_41(make: Maker): Instruments {
  const usage = make.tokens(GENAI_METRICS_V1_41.tokenUsage);
  return {
    durations: [
      ["e2e", make.seconds(GENAI_METRICS_V1_41.duration)],
      ["ttft", make.seconds(GENAI_METRICS_V1_41.timeToFirstChunk)],
    ],
    chunkGaps: [make.seconds(GENAI_METRICS_V1_41.timePerOutputChunk)],
    usage: [
      ["inputTokens", (tokens, attributes) => usage.record(tokens, { ...attributes, "gen_ai.token.type": "input" })],
      ["outputTokens", (tokens, attributes) => usage.record(tokens, { ...attributes, "gen_ai.token.type": "output" })],
    ],
  };
}

function ownInstruments(make: Maker): Instruments {
  return {
    durations: [
      ["tpot", make.seconds(LENS_METRICS.tpot)],
      ["ttfo", make.seconds(LENS_METRICS.ttfo)],
      ["responseTtft", make.seconds(LENS_METRICS.responseTtft)],
      ["responseE2e", make.seconds(LENS_METRICS.responseDuration)],
    ],
    chunkGaps: [make.seconds(LENS_METRICS.chunkGap)],
    usage: [],
  };
}

/** The attributes of a target by the model that answered, made once. */
function attributesOf(target: Target): (responseModel: string | null) => OtelAttributes {
  const known = new Map<string | null, OtelAttributes>();
  return (responseModel) => {
    const name = known.has(responseModel) || known.size < MOST_MODEL_NAMES ? responseModel : OTHER_MODELS;
    const found = known.get(name) ?? genAiAttributes(target, name);
    known.set(name, found);
    return found;
  };
}

/**
 * Keeps metrics with a `MeterProvider` of OpenTelemetry's from the records that it is given: those of the GenAI conventions, and our own for what they have no
 * name or no fit buckets. As in a report, durations are of answered requests, and failures are counted in `lens.client.errors`; what is not known is not
 * recorded. Throws `INVALID_ARGUMENT` unless `maxTargets` is a whole number from 1 up.
 */
export function createOtelMetrics(meterProvider: OtelMeterProvider, options: OtelMetricsOptions = {}): OtelMetrics {
  const { semconv = "latest", priceBook = null, slo = null, maxTargets = DEFAULT_MAX_TARGETS } = options;
  const make = createMaker(meterProvider.getMeter("@lens/exporters", version));
  const sets = [
    ...(semconv === "v1.41" ? [] : [latestInstruments(make)]),
    ...(semconv === "latest" ? [] : [instrumentsOfV1_41(make)]),
    ownInstruments(make),
  ];
  const durations = sets.flatMap((set) => set.durations);
  const chunkGaps = sets.flatMap((set) => set.chunkGaps);
  const usage = sets.flatMap((set) => set.usage);
  const requests = make.count(LENS_METRICS.requests);
  const errors = make.count(LENS_METRICS.errors);
  const cost = make.amount(LENS_METRICS.cost);
  const lateness = make.seconds(LENS_METRICS.lateness);
  const judge = slo === null ? null : createSloJudge(slo);
  const sloRequests = judge === null ? null : make.count(LENS_METRICS.sloRequests);
  const attributesFor = forEachTarget(maxTargets, attributesOf);

  function recordDurations(record: RequestRecord, attributes: OtelAttributes): void {
    const figures = isAnswered(record) ? figuresOf(record) : null;
    const met = judge === null ? null : figures === null ? false : judge(figures);
    if (met !== null) sloRequests?.add(1, { ...attributes, "lens.slo.met": met });
    if (figures === null) return;
    for (const [name, histogram] of durations) {
      const durationNs = figures.durationsNs[name];
      if (durationNs !== null) histogram.record(durationNs / NS_PER_SECOND, attributes);
    }
    for (const gapNs of figures.chunkGapsNs) for (const histogram of chunkGaps) histogram.record(gapNs / NS_PER_SECOND, attributes);
  }

  return {
    add(record) {
      if (record.phase !== "measured") return;
      const attributes = attributesFor(record.target)(record.reply.model);
      requests.add(1, { ...attributes, "lens.outcome": record.outcome.kind });
      if (record.outcome.error !== null) errors.add(1, { ...attributes, "error.type": record.outcome.error.code });
      for (const [name, take] of usage) {
        const tokens = tokenCount(record.usage?.[name]);
        if (tokens !== null) take(tokens, attributes);
      }
      const price = priceBook?.price(record) ?? null;
      if (price !== null) cost.add(price.totalUsd, attributes);
      recordDurations(record, attributes);
      if (record.latenessNs !== null) lateness.record(record.latenessNs / NS_PER_SECOND, {});
    },
  };
}
