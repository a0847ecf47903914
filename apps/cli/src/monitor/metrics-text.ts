import type { Clock } from "@lens/core";
import { AggregatorRegistry, type Registry } from "prom-client";
import { turn } from "./waiting.ts";

/** A counter or histogram as prom-client gives it out. Plain JSON. */
export interface SavedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly {
    readonly labels: Readonly<Record<string, string | number>>;
    readonly value: number;
    readonly metricName?: string | undefined;
  }[];
}

interface ReadOptions {
  /** What there was of the counters and histograms before a restart. */
  readonly before: readonly SavedMetric[];
  /** The labels of the targets that there are; series of others are left out. */
  readonly targets: ReadonlySet<string>;
  readonly clock: Clock;
}

/** A family of so many samples takes a millisecond or more. */
const LARGE_FAMILY = 200;

/** The metrics of a registry one by one, each with what there was of it before; those without samples are left out. */
async function* readMetrics(register: Registry, { before, targets, clock }: ReadOptions): AsyncGenerator<Registry, void, void> {
  for (const metric of register.getMetricsAsArray() as unknown as readonly { get(): Promise<SavedMetric> }[]) {
    const now = await metric.get();
    const then = before.filter(({ name }) => name === now.name);
    const parts = [...then, now].map((part) => ({
      ...part,
      // prom-client would average some over the processes of a cluster, and leave others out.
      aggregator: "sum",
      values: part.values.filter(({ labels: { target } }) => target === undefined || targets.has(String(target))),
    }));
    if (parts.every(({ values }) => values.length === 0)) continue;
    yield AggregatorRegistry.aggregate(parts.map((part) => [part]));
    if (now.values.length > LARGE_FAMILY) await turn(clock);
  }
}

/** The metrics of a registry as they are to be kept. */
export async function savedMetrics(register: Registry, options: ReadOptions): Promise<readonly SavedMetric[]> {
  const saved: SavedMetric[] = [];
  for await (const metric of readMetrics(register, options)) saved.push(...((await metric.getMetricsAsJSON()) as unknown as SavedMetric[]));
  return saved;
}

/** Registries as Prometheus' text. */
export async function renderMetrics(registers: readonly Registry[], options: ReadOptions): Promise<string> {
  const texts: string[] = [];
  for (const register of registers) for await (const metric of readMetrics(register, options)) texts.push(await metric.metrics());
  return texts.join("\n");
}
