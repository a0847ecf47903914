import { parseDurationNs } from "@lens/core";
import * as z from "zod";

const text = z.string().min(1);
const fromOne = z.int().min(1);
const fromZero = z.int().min(0);
const duration = z.union([z.number().positive(), z.string()]).refine(isPositiveDuration);
/** Nothing to wait for is a wait, too. */
const durationFromZero = z.union([z.number().min(0), z.string()]).refine(isDuration);
/** A plain number counts requests; time has a unit. */
const span = z.union([
  fromZero,
  z
    .string()
    .regex(/[a-zµ]/)
    .refine(isDuration),
]);
const aboveZero = z.number().positive();
/** Several levels of load; `parseLevels` reads them when the run is planned. */
const levels = z.string().regex(/^[\d.]+[\s\d.,x×*+]*$/);
const share = z
  .union([z.number().min(0).max(1), z.string().regex(/^\d+(\.\d+)?%$/)])
  .transform(toShare)
  .pipe(z.number().min(0).max(1));
/** `parseLength` reads it when the workload is planned. */
const length = z.union([fromOne, z.string().regex(/^\s*((normal|lognormal|uniform)\s*:)?[\s\d.,]+$/)]);
const headers = z.record(z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/), z.string().regex(/^[^\r\n\0]*$/));
const httpUrl = z.url({ protocol: /^https?$/ });

function isPositiveDuration(value: string | number): boolean {
  try {
    return parseDurationNs(value) > 0;
  } catch {
    return false;
  }
}

function isDuration(value: string | number): boolean {
  try {
    return parseDurationNs(value) >= 0;
  } catch {
    return false;
  }
}

function toShare(value: string | number): number {
  return typeof value === "number" ? value : Number.parseFloat(value) / 100;
}

const texts = z.union([text, z.array(text).min(1)]).transform((value) => [value].flat());

const target = z.union([
  text,
  z.strictObject({
    target: text,
    label: text.optional(),
    baseUrl: httpUrl.optional(),
    apiKeyEnv: text.optional(),
    headers: headers.optional(),
    thresholds: texts.optional(),
  }),
]);

const rate = z.number().min(0);

const price = z.strictObject({
  inputPerMillionUsd: rate,
  outputPerMillionUsd: rate,
  cacheReadPerMillionUsd: rate.optional(),
  cacheWritePerMillionUsd: rate.optional(),
});

/** Each is held against this schema by itself, so that a complaint names it. Names become part of labels and of ids. */
const scenarios = z.record(z.string().regex(/^[A-Za-z][\w.-]{0,59}$/), z.record(z.string(), z.unknown()));

/** What a configuration file may hold. Flags and environment variables are judged by the same rules. */
export const configSchema = z
  .strictObject({
    targets: z.array(target).min(1),
    prices: z.record(text, price),
    scenarios,
    provider: text,
    model: text,
    baseUrl: httpUrl,
    apiKeyEnv: z.string().regex(/^[A-Za-z_]\w*$/),
    headers,
    label: text,
    prompt: text,
    promptFile: text,
    promptFormat: z.enum(["text", "lines", "jsonl", "json", "csv", "tsv"]),
    template: text,
    vars: z.record(z.string().regex(/^[A-Za-z_][\w.-]*$/), z.string()),
    order: z.enum(["in-turn", "shuffled", "weighted"]),
    badLines: z.enum(["stop", "skip"]),
    inputTokens: length,
    outputTokens: length,
    cache: z.enum(["bust", "shared", "as-is"]),
    sharedPrefixTokens: fromOne,
    sharedPrefixShare: share,
    tokenizer: z.enum(["gpt", "estimate"]),
    system: text,
    maxTokens: fromOne,
    temperature: z.number().min(0),
    topP: z.number().min(0).max(1),
    requests: fromOne,
    duration,
    concurrency: z.union([fromOne, levels]),
    rate: z.union([z.number().min(0), levels]),
    search: texts,
    stages: text,
    thinkTime: duration,
    warmup: span,
    drain: span,
    shard: z.string().regex(/^(auto|\d{1,6}\/\d{1,6})$/),
    startAt: z.union([z.number().positive(), text]),
    workers: z.union([z.literal("auto"), fromZero]),
    arrivals: z.enum(["constant", "poisson", "gamma"]),
    burstiness: aboveZero,
    timestamps: text,
    trace: text,
    traceFormat: z.enum(["mooncake", "burstgpt", "azure", "records"]),
    replay: text,
    speed: aboveZero,
    turns: length,
    conversations: z.boolean(),
    maxInFlight: fromOne,
    seed: fromZero,
    rpm: aboveZero,
    tpm: aboveZero,
    respectRetryAfter: z.boolean(),
    maxCost: aboveZero,
    yes: z.boolean(),
    grace: durationFromZero,
    strict: z.boolean(),
    baseline: text,
    margin: share.refine((value) => value < 1),
    confidence: share.refine((value) => value > 0 && value < 1),
    resamples: z.int().min(200),
    interleave: z.string().regex(/^(request|block:[1-9]\d{0,5})$/),
    simTruth: text,
    timeout: duration,
    connectTimeout: duration,
    firstByteTimeout: duration,
    idleTimeout: duration,
    retries: fromZero,
    maxErrorRate: share,
    interval: duration,
    jitter: share.refine((value) => value < 1),
    probes: fromOne,
    maxCostPerDay: aboveZero,
    listen: z.string().regex(/^(\[[\da-f:.]+\]|[\w.-]+):\d{1,5}$/i),
    tokenFile: text,
    state: text,
    pushgateway: httpUrl,
    thresholds: texts,
    abortOnFail: z.boolean(),
    slo: text,
    series: duration,
    format: texts,
    output: texts,
    records: text,
    json: z.boolean(),
    explain: z.boolean(),
    force: z.boolean(),
    stepSummary: z.boolean(),
    otlpEndpoint: httpUrl,
    semconv: z.enum(["latest", "v1.41", "both"]),
    quiet: z.boolean(),
    verbose: z.boolean(),
    color: z.boolean(),
  })
  .partial();

/** The settings of one source, checked. Durations stay as they were written. */
export type Settings = z.output<typeof configSchema>;

/** A target as the configuration file may name it. */
export type ConfiguredTarget = z.output<typeof target>;
