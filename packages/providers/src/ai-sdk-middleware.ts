import { AsyncResource } from "node:async_hooks";
import { ReadableStream } from "node:stream/web";
import { type Clock, createRecorder, LensError, type RequestRecord, systemClock } from "@lens/core";
import { aiSdkError, aiSdkHeaders, aiSdkStreamError, createAiSdkPartReader } from "./ai-sdk-parts.ts";
import { type Conclusion, concludeBy, failed } from "./answer.ts";
import { LEFT_AFTER_NS, watchReader } from "./reader-watch.ts";
import { adapters } from "./registry.ts";
import { readResponseHeaders } from "./response-headers.ts";

/** How the calls of a language model are recorded. */
export interface AiSdkMiddlewareOptions {
  /** Gets a record of each call when its answer has ended, in the asynchronous context of the call. What it throws is lost. */
  readonly onRecord: (record: RequestRecord) => void;
  readonly clock?: Clock;
  /** The name of the target in reports; `provider:model` unless given. */
  readonly label?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What is needed of a call that the AI SDK makes to a model. */
export interface AiSdkCall {
  readonly model: { readonly provider: string; readonly modelId: string };
  readonly params: { readonly abortSignal?: AbortSignal | undefined };
}

/** A middleware for `wrapLanguageModel` of the AI SDK, version 6 or 7. */
export interface AiSdkMiddleware {
  readonly specificationVersion: "v3";
  wrapGenerate<Result extends object>(call: AiSdkCall & { readonly doGenerate: () => PromiseLike<Result> }): Promise<Result>;
  wrapStream<Result extends { readonly stream: object }>(
    call: AiSdkCall & { readonly doStream: () => PromiseLike<Result> },
  ): Promise<Result>;
}

/** Its own names of providers, where ours are others. */
const PROVIDER_IDS: ReadonlyMap<string, string> = new Map([
  ["openai.responses", "openai-responses"],
  ["togetherai", "together"],
]);

/** Our name of a provider that the AI SDK calls `anthropic.messages`, `groq.chat` or the like; its own where we have none. */
function providerOf(name: string): string {
  const [first = name] = name.split(".");
  const id = PROVIDER_IDS.get(name) ?? PROVIDER_IDS.get(first) ?? first;
  return adapters.some((adapter) => adapter.id === id) ? id : name;
}

/** Those of which only a summary of the reasoning is streamed. */
const SUMMARIZING: ReadonlySet<string> = new Set(["openai-responses", "azure", "google"]);

/** One call of a model. None of its functions throws. */
function observeCall({ model, params }: AiSdkCall, options: AiSdkMiddlewareOptions) {
  const { onRecord, clock = systemClock, labels = {} } = options;
  const provider = providerOf(model.provider);
  const label = options.label ?? `${provider}:${model.modelId}`;
  const recorder = createRecorder({ clock, target: { provider, model: model.modelId, label, origin: null }, labels });
  const reader = createAiSdkPartReader(recorder, SUMMARIZING.has(provider) ? "summary" : "full");
  const callersContext = new AsyncResource("AiSdkCall");
  let settled = false;
  recorder.beginAttempt(recorder.startNs);
  recorder.sent(recorder.startNs);

  /** Whatever goes wrong here must go wrong unseen by those who only wanted their answer. */
  function quietly(work: () => void): void {
    try {
      if (!settled) work();
    } catch {
      settled = true;
    }
  }

  function settle(conclude: () => Conclusion, atNs = clock.nowNs()): void {
    quietly(() => {
      const { outcome, error } = conclude();
      settled = true;
      if (error !== null) recorder.failAttempt(error);
      callersContext.runInAsyncScope(onRecord, undefined, recorder.finish(atNs, outcome));
    });
  }

  const breakOff = (error: LensError, atNs?: bigint): void =>
    settle(() => failed(reader.failure() ?? error, reader.finish()?.raw ?? null), atNs);
  const aborted = (): boolean => params.abortSignal?.aborted === true;

  return {
    clock,
    opened: (result: object) =>
      quietly(() => {
        const { reply, server } = readResponseHeaders(aiSdkHeaders(result));
        recorder.reply(reply);
        recorder.server(server);
      }),
    refused: (reason: unknown) => breakOff(aiSdkError(reason, aborted(), clock.epochMs())),
    part: (part: unknown, atNs: bigint) => quietly(() => reader.part(part, atNs)),
    answer: (result: object) => quietly(() => reader.answer(result, clock.nowNs())),
    ended: () => settle(() => concludeBy(reader.finish(), reader.failure())),
    broke: (reason: unknown) => breakOff(aiSdkStreamError(reason, aborted())),
    /** Whoever has the end of the answer need not read on to that of the stream. */
    left: (atNs?: bigint) =>
      reader.finish() === null
        ? breakOff(new LensError("ABORTED", "The caller stopped reading."), atNs)
        : settle(() => concludeBy(reader.finish(), reader.failure()), atNs),
  };
}

/** The same parts, looked at as they pass. Nothing is asked for that the reader does not ask for. */
function observeParts(stream: ReadableStream<unknown>, call: ReturnType<typeof observeCall>): ReadableStream<unknown> {
  const source = stream.getReader();
  const watch = watchReader(call.clock, LEFT_AFTER_NS, call.left);
  return new ReadableStream<unknown>(
    {
      async pull(controller) {
        watch.asked();
        const { done, value } = await source.read().catch((reason: unknown) => {
          watch.stop();
          call.broke(reason);
          throw reason;
        });
        const atNs = call.clock.nowNs();
        if (done) {
          watch.stop();
          call.ended();
          return controller.close();
        }
        watch.took(atNs);
        call.part(value, atNs);
        controller.enqueue(value);
      },
      cancel(reason) {
        watch.stop();
        call.left();
        return source.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * A middleware for `wrapLanguageModel` of the AI SDK 6 and 7, which records each call that `streamText`, `generateText` and their like make of the model, each
 * try and each step apart. What the SDK gives to its caller stays what it is. An arrival is stamped when a part of the stream is read: parts that came
 * in one read of the socket have times of their own here, and when the response's headers or its first byte came is not known. Where the provider takes a
 * `fetch`, `observeFetch` sees more; do not use both, or requests count twice. Neither prompts nor keys are kept, nor the words of errors.
 */
export function createAiSdkMiddleware(options: AiSdkMiddlewareOptions): AiSdkMiddleware {
  return {
    specificationVersion: "v3",
    async wrapGenerate(call) {
      const observed = observeCall(call, options);
      try {
        const result = await call.doGenerate();
        observed.opened(result);
        observed.answer(result);
        observed.ended();
        return result;
      } catch (reason) {
        observed.refused(reason);
        throw reason;
      }
    },
    async wrapStream(call) {
      const observed = observeCall(call, options);
      try {
        const result = await call.doStream();
        observed.opened(result);
        return { ...result, stream: observeParts(result.stream as ReadableStream<unknown>, observed) };
      } catch (reason) {
        observed.refused(reason);
        throw reason;
      }
    },
  };
}
