import { type Clock, systemClock } from "./clock.ts";
import { LensError, toErrorInfo } from "./errors.ts";
import type { ArrivalKind, Outcome, RequestRecord, Target, TokenUsage } from "./record.ts";
import { createRecorder } from "./recorder.ts";

/** What one chunk carried: its content, and the usage if it had one. */
export interface ChunkContent {
  readonly kind?: ArrivalKind;
  /** The content; an empty string means that the chunk carried none (a role chunk, a ping). */
  readonly text: string;
  readonly usage?: Partial<TokenUsage>;
}

/** How to time a stream. */
export interface MeasureStreamOptions<T> {
  /** What a chunk carries. Unless given, a string chunk is its own content and any other chunk counts as content. */
  readonly read?: (chunk: T) => ChunkContent | string | null;
  /** Named in the record; `unknown:unknown` unless given. */
  readonly target?: Pick<Target, "provider" | "model"> & Partial<Target>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
}

/** When the content of a stream came. All `…Ns` are nanoseconds after the call of `measureStream`. */
export interface StreamTiming {
  /** First chunk with content; null when none came yet. */
  readonly firstNs: number | null;
  /** Last chunk with content so far. */
  readonly lastNs: number | null;
  /** When the stream ended, failed or was left; null while it runs. */
  readonly endNs: number | null;
  /** Every chunk with content. */
  readonly arrivalsNs: readonly number[];
}

/** The same chunks as the source, timed as they pass. Can be iterated once. */
export interface MeasuredStream<T> extends AsyncIterable<T> {
  timing(): StreamTiming;
  /** The record for `@lens/metrics`. A stream that still runs is recorded as aborted. */
  record(): RequestRecord;
}

const RUNNING: Outcome = { kind: "aborted", finishReason: null, error: null };

function defaultRead(chunk: unknown): ChunkContent {
  return { text: typeof chunk === "string" ? chunk : " " };
}

/**
 * Times any async iterable of tokens or SDK chunks. The clock starts with this call, so call it where the request is made:
 * `measureStream(() => client.chat.completions.create(…))` times the request too, while an iterable that is handed over
 * has begun before. Chunks pass through unchanged; so do errors. A stamp is taken when the source hands over a chunk: a consumer
 * that is slow to ask for the next one makes it late, as it would any reader.
 */
export function measureStream<T>(
  source: AsyncIterable<T> | (() => AsyncIterable<T> | PromiseLike<AsyncIterable<T>>),
  options: MeasureStreamOptions<T> = {},
): MeasuredStream<T> {
  const { clock = systemClock, read = defaultRead, labels, target } = options;
  const { provider, model } = target ?? { provider: "unknown", model: "unknown" };
  const recorder = createRecorder({
    clock,
    target: { label: `${provider}:${model}`, origin: null, ...target, provider, model },
    ...(labels === undefined ? {} : { labels }),
  });
  recorder.beginAttempt(recorder.startNs);
  recorder.sent(recorder.startNs);
  const opened = typeof source === "function" ? source() : source;
  const arrivalsNs: number[] = [];
  let endAtNs: bigint | null = null;
  let outcome = RUNNING;

  function observe(chunk: T): void {
    const atNs = clock.nowNs();
    recorder.read(atNs, null);
    const found = read(chunk);
    const content: ChunkContent | null = typeof found === "string" ? { text: found } : found;
    if (content === null) return;
    if (content.usage !== undefined) recorder.usage(content.usage);
    if (content.text === "") return;
    const kind = content.kind ?? "text";
    if (kind === "reasoning") recorder.reasoning("full");
    arrivalsNs.push(Number(atNs - recorder.startNs));
    recorder.arrival(atNs, { kind, events: 1, chars: content.text.length });
  }

  async function* pass(): AsyncGenerator<T> {
    try {
      for await (const chunk of await opened) {
        observe(chunk);
        yield chunk;
      }
      outcome = { kind: "ok", finishReason: null, error: null };
    } catch (error) {
      outcome = {
        kind: "error",
        finishReason: null,
        error: toErrorInfo(new LensError("STREAM_ERROR", error instanceof Error ? error.message : String(error))),
      };
      throw error;
    } finally {
      endAtNs = clock.nowNs();
    }
  }

  const passing = pass();
  return {
    [Symbol.asyncIterator]: () => passing,
    timing: () => ({
      firstNs: arrivalsNs[0] ?? null,
      lastNs: arrivalsNs.at(-1) ?? null,
      endNs: endAtNs === null ? null : Number(endAtNs - recorder.startNs),
      arrivalsNs: [...arrivalsNs],
    }),
    record: () => recorder.finish(endAtNs ?? clock.nowNs(), outcome),
  };
}
