import { AsyncResource } from "node:async_hooks";
import { type Cancel, type Clock, createRecorder, LensError, type RequestRecord } from "@lens/core";
import { type Conclusion, createAnswerReader } from "./answer.ts";
import { createBacklog } from "./backlog.ts";
import { abortError, causeOf, connectionError, streamError } from "./network-error.ts";
import type { Recognized } from "./recognize.ts";
import { LEFT_AFTER_NS, type ReaderWatch, watchReader } from "./reader-watch.ts";
import { withoutKeys } from "./redact.ts";
import { type BodyWatcher, watchResponse } from "./watch-body.ts";

/** What is known of a request that somebody else sends. */
export interface ObservedRequest {
  readonly recognized: Recognized;
  /** Null where it is not known before the answer. */
  readonly model: string | null;
  readonly label: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | null;
  /** The keys that it was sent with, which are asked for only where a message might repeat them. */
  readonly keys: () => readonly (string | null)[];
  readonly clock: Clock;
  readonly onRecord: (record: RequestRecord) => void;
}

/** One request that somebody else sends: told of what comes of it, it makes a record of it. None of its functions throws. */
export interface Observation {
  response(response: Response): void;
  /** There is no response. */
  failed(reason: unknown): void;
}

/** What an answer of each kind comes as; anything else is not the adapter's. */
const READABLE = {
  sse: /^(?:$|text\/event-stream|application\/json|text\/html)/i,
  ndjson: /^(?:$|application\/x-ndjson|application\/json|text\/html)/i,
} as const;

/** So long a caller may have the end of an answer, and not read on to the end of its body, before there is a record. */
const FLUSH_AFTER_NS = 1e9;

/** Begins with the sending: the start of the record, and the context in which the caller is told of it, are those of now. */
export function observe(request: ObservedRequest): Observation {
  const { signal, clock, onRecord } = request;
  const { adapter, url } = request.recognized;
  const label = (model: string): string => request.label ?? `${adapter.id}:${model}`;
  const target = { provider: adapter.id, model: request.model ?? "", label: label(request.model ?? ""), origin: url.origin };
  const recorder = createRecorder({ clock, target, labels: request.labels });
  const reader = createAnswerReader({ adapter, recorder, onDelta: null, acceptsDocument: true });
  const backlog = createBacklog(read);
  const callersContext = new AsyncResource("ObservedRequest");
  let cancelFlush: Cancel | null = null;
  let readerWatch: ReaderWatch | null = null;
  let settled = false;
  let good = true;
  recorder.beginAttempt(recorder.startNs);
  // When the first byte left is not seen from here.
  recorder.sent(recorder.startNs);

  function settle(conclusion: Conclusion, atNs: bigint): void {
    settled = true;
    cancelFlush?.();
    readerWatch?.stop();
    if (conclusion.error !== null) recorder.failAttempt(conclusion.error);
    const record = recorder.finish(reader.endedNs() ?? atNs, conclusion.outcome);
    const model = request.model ?? record.reply.model ?? "unknown";
    const named = request.model === null ? { ...record, target: { ...target, model, label: label(model) } } : record;
    callersContext.runInAsyncScope(onRecord, undefined, conclusion.error === null ? named : withoutKeys(named, request.keys()));
  }

  const breakOff = (error: LensError, atNs = clock.nowNs()): void => settle(reader.breakOff(error), atNs);

  /** What is wrong with the answer is in the record. */
  function fail(error: unknown): void {
    // Then it was the one whom the record is for who threw.
    if (settled) return;
    try {
      breakOff(error instanceof LensError ? error : new LensError("INTERNAL", `The answer could not be read: ${String(error)}`));
    } catch {
      settled = true;
    }
  }

  /** Whatever goes wrong here must go wrong unseen by those who only wanted their answer. */
  function quietly(work: () => void): void {
    if (settled) return;
    try {
      work();
    } catch (error) {
      fail(error);
    }
  }

  function read(chunk: Uint8Array, atNs: bigint): void {
    if (settled) return;
    recorder.read(atNs, null);
    reader.read(chunk, atNs);
    const failure = reader.failure();
    if (failure !== null) breakOff(failure, atNs);
    else if (reader.endedNs() !== null) settle(reader.conclude(), atNs);
  }

  const flush = (): void => quietly(backlog.flush);

  function flushLater(): void {
    cancelFlush = null;
    flush();
  }

  /** Reads what is left first: it may say more of the end than how it came. */
  function finish(work: (atNs: bigint) => void, atNs = clock.nowNs()): void {
    flush();
    quietly(() => work(atNs));
  }

  const why = (reason: unknown): LensError | null => abortError(reason, signal?.aborted === true);

  // To leave the body of a failure unread is no breaking off: what the status says is all that is wanted.
  const leave = (atNs: bigint): void =>
    breakOff(good ? new LensError("ABORTED", "The caller stopped reading.") : new LensError("STREAM_CUT", "Not read."), atNs);

  // Out here, where no response is in sight: the timer would keep it in memory.
  const left = (atNs: bigint): void => finish(leave, atNs);

  const watcher: BodyWatcher = {
    asked: () => readerWatch?.asked(),
    bytes(chunk) {
      if (settled) return;
      cancelFlush ??= clock.after(FLUSH_AFTER_NS, flushLater, { unref: true });
      try {
        const atNs = clock.nowNs();
        readerWatch?.took(atNs);
        backlog.add(chunk, atNs);
      } catch (error) {
        fail(error);
      }
    },
    end: () => finish((atNs) => settle(reader.close(), atNs)),
    error: (reason) => finish((atNs) => breakOff(why(reason) ?? streamError(causeOf(reason)), atNs)),
    cancel: () => finish(leave),
    release() {
      readerWatch?.released();
      flush();
    },
    lost: () => readerWatch?.lost(),
  };

  return {
    response: (response) =>
      quietly(() => {
        good = response.ok;
        const { body } = response;
        const readable = READABLE[adapter.framing].test(response.headers.get("content-type") ?? "");
        if ((good && !readable) || body?.locked === true) {
          settled = true;
          return;
        }
        recorder.headers(clock.nowNs(), response.status);
        // Fetch has unpacked what came packed.
        const { "content-encoding": _, ...headers } = Object.fromEntries(response.headers);
        reader.open(response.status, headers, clock.epochMs());
        if (body === null) return settle(reader.close(), clock.nowNs());
        watchResponse(response, watcher);
        readerWatch = watchReader(clock, good ? LEFT_AFTER_NS : FLUSH_AFTER_NS, left);
      }),
    failed: (reason) => quietly(() => breakOff(why(reason) ?? connectionError(causeOf(reason), url, false))),
  };
}
