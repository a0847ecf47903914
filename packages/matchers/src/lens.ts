import {
  type Clock,
  createRecorder,
  LensError,
  type MeasuredStream,
  type RequestRecord,
  systemClock,
  type Target,
  toErrorInfo,
} from "@lens/core";
import { isRecord } from "./narrow.ts";

/** What a measured function gives: the record of a request, or a stream that `measureStream` times, which is then read to its end. */
export type Measurable = RequestRecord | MeasuredStream<unknown>;

/** How a function is timed. */
export interface TimeOptions {
  /** Named in the record; `unknown:unknown` unless given. */
  readonly target?: Pick<Target, "provider" | "model"> & Partial<Target>;
}

/** Collects the requests that a test is about. The matchers take it for what they expect on. */
export interface Lens {
  /** Takes in a record that was made elsewhere; needs no `this`, so that it can be handed over as `onRecord`. */
  readonly add: (record: RequestRecord) => void;
  /** Runs `work` once and takes in what it measured. What it throws passes through; failed requests that are records do not throw. */
  measure(work: () => Promise<Measurable> | Measurable): Promise<RequestRecord>;
  /**
   * Runs `work` `count` times, one after the other, each as `measure` does. It may also give nothing and have its requests added, as by `add`.
   * Throws `INVALID_ARGUMENT` where a run brought no request at all.
   */
  sample(count: number, work: SampleWork): Promise<void>;
  /** Times any function as a whole: its request has an end (`e2e`), and no tokens. What it throws passes through, and counts as a failed request. */
  time<T>(work: () => Promise<T>, options?: TimeOptions): Promise<T>;
  /** All requests so far, in the order in which they were taken in. */
  records(): readonly RequestRecord[];
}

/** What is run again and again, and waited for; it gives a `Measurable`, or has its requests added to the lens. `index` counts from 0. */
export type SampleWork = (lens: Lens, index: number) => unknown;

const FAILURE_WORDS = "the function that was timed threw";

async function readToEnd(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

async function recordOf(measured: unknown): Promise<RequestRecord | null> {
  if (isRecord(measured)) return measured;
  const stream = measured as Partial<MeasuredStream<unknown>> | null | undefined;
  if (typeof stream?.record !== "function") return null;
  await readToEnd(stream as MeasuredStream<unknown>);
  return stream.record();
}

function refuse(expected: string, got: string): never {
  throw new LensError("INVALID_ARGUMENT", `Expected ${expected}, got ${got}.`);
}

/** Starts an empty collection. `clock` times what `time` is given. */
export function createLens(clock: Clock = systemClock): Lens {
  const records: RequestRecord[] = [];
  const add = (record: RequestRecord): void => void records.push(record);

  const lens: Lens = {
    add,
    async measure(work) {
      const record = await recordOf(await work());
      if (record === null) refuse("a function that gives the record of a request or a stream of `measureStream`", "one that gives neither");
      add(record);
      return record;
    },
    async sample(count, work) {
      if (!Number.isSafeInteger(count) || count < 1) refuse("the number of samples to be a whole number from 1 up", `\`${count}\``);
      for (let index = 0; index < count; index += 1) {
        const before = records.length;
        const record = await recordOf(await work(lens, index));
        if (record !== null) add(record);
        if (records.length === before)
          refuse(
            "each sample to give the record of a request or a stream of `measureStream`, or to add one (`lens.add`, `lens.time`)",
            "one without a request",
          );
      }
    },
    async time(work, { target } = {}) {
      const { provider, model } = target ?? { provider: "unknown", model: "unknown" };
      const recorder = createRecorder({ clock, target: { label: `${provider}:${model}`, origin: null, ...target, provider, model } });
      recorder.beginAttempt(recorder.startNs);
      recorder.sent(recorder.startNs);
      try {
        const value = await work();
        add(recorder.finish(clock.nowNs(), { kind: "ok", finishReason: null, error: null }));
        return value;
      } catch (cause) {
        const error = toErrorInfo(cause instanceof LensError ? cause : new LensError("INTERNAL", FAILURE_WORDS, { cause }));
        add(recorder.finish(clock.nowNs(), { kind: "error", finishReason: null, error }));
        throw cause;
      }
    },
    records: () => records,
  };
  return lens;
}

/** Gives `work` a lens, and gives it back with all that was measured: `expect(await withLens(async (lens) => { … })).toHaveTtftBelow("800ms")`. */
export async function withLens(work: (lens: Lens) => Promise<unknown>): Promise<Lens> {
  const lens = createLens();
  await work(lens);
  return lens;
}

/** As `lens.sample`, with a lens of its own: `expect(await sample(20, () => runRequest(…))).toHavePercentileBelow("ttft", 95, "1s")`. */
export async function sample(count: number, work: SampleWork): Promise<Lens> {
  const lens = createLens();
  await lens.sample(count, work);
  return lens;
}
