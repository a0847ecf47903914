import { type Clock, type RequestRecord, systemClock } from "@lens/core";
import type { ProviderAdapter } from "./adapter.ts";
import { observe, type Observation } from "./observation.ts";
import { createRecognizer } from "./recognize.ts";
import { adapters as knownAdapters } from "./registry.ts";
import { modelOfBody } from "./request-model.ts";

/** How a `fetch` is observed. */
export interface ObserveFetchOptions {
  /** What sends the requests; the global `fetch` of now unless given. */
  readonly fetch?: typeof fetch;
  /**
   * Gets a record of each answer when it has ended, in the asynchronous context in which it was asked for: a span made here belongs to the caller's trace. It
   * runs between two reads, so it should be short; what it throws is lost.
   */
  readonly onRecord: (record: RequestRecord) => void;
  readonly clock?: Clock;
  /** The name of the target in reports; `provider:model` unless given. */
  readonly label?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Whose answers are recorded; those of all adapters that are known by name unless given. */
  readonly adapters?: readonly ProviderAdapter[];
}

/** Where providers want their keys. */
const KEY_HEADERS = ["authorization", "x-api-key", "api-key", "x-goog-api-key"] as const;
/** The SDKs of OpenAI and Anthropic count their retries here, from 0. */
const RETRY_HEADER = "x-stainless-retry-count";

const urlOf = (input: Parameters<typeof fetch>[0]): string =>
  typeof input === "string" ? input : input instanceof URL ? input.href : input.url;

/**
 * A `fetch` that records every answer of a language model that passes through it, for the SDKs of OpenAI, Anthropic and Google, the AI SDK or any
 * code. The request goes out as it came, and the caller gets the very response that came back, of which nothing is held back, copied or
 * read ahead; what is not recognised is not touched, and nothing that goes wrong here is thrown. The record's times count from the call,
 * connection set-up included, and an arrival is stamped when its read is done: a caller that is slow to read makes it late, which is not
 * known here (`latenessNs` is null). An answer in one piece is one arrival. Each call is a record, as SDKs try again without
 * saying that it is the same request; where they count their retries, the label `retry` has the number. A caller that reads no further has an aborted
 * record: at once where it cancels or leaves the loop, when the body is collected or after five minutes where it asks for nothing more; a failure whose body
 * nobody reads is recorded after a second. Neither prompts nor keys are kept.
 */
export function observeFetch(options: ObserveFetchOptions): typeof fetch {
  const { fetch: send = globalThis.fetch, onRecord, clock = systemClock, label = null, labels = {}, adapters = knownAdapters } = options;
  const recognize = createRecognizer(adapters);

  function begin(...[input, init]: Parameters<typeof fetch>): Observation | null {
    const request = input instanceof Request ? input : null;
    const isPost = (init?.method ?? request?.method ?? "GET").toUpperCase() === "POST";
    const recognized = isPost ? recognize(urlOf(input)) : null;
    if (recognized === null) return null;
    const headers = (): Headers => new Headers(init?.headers ?? request?.headers);
    const retries = (init?.headers instanceof Headers ? init.headers : headers()).get(RETRY_HEADER);
    const bearer = /^\w+\s+/;
    return observe({
      recognized,
      model: recognized.model ?? (typeof init?.body === "string" ? modelOfBody(init.body) : null),
      label,
      labels: retries === null || retries === "0" ? labels : { ...labels, retry: retries },
      signal: init?.signal ?? request?.signal ?? null,
      keys: () => [...KEY_HEADERS.map((name) => headers().get(name)?.replace(bearer, "") ?? null), recognized.url.searchParams.get("key")],
      clock,
      onRecord,
    });
  }

  return (input, init) => {
    let observation: Observation | null = null;
    try {
      observation = begin(input, init);
    } catch {
      // What is wrong with the request is for `send` to say.
    }
    const sent = send(input, init);
    if (observation === null) return sent;
    const { response, failed } = observation;
    return sent.then(
      (answer) => {
        response(answer);
        return answer;
      },
      (reason: unknown) => {
        failed(reason);
        throw reason;
      },
    );
  };
}
