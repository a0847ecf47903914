import {
  type Clock,
  LensError,
  createRecorder,
  type RequestPhase,
  type RequestRecord,
  systemClock,
  toErrorInfo,
  type WorkloadMark,
} from "@lens/core";
import type { Credentials, Delta, HttpRequest, PromptRequest, ProviderAdapter } from "./adapter.ts";
import { type AttemptResult, runAttempt } from "./attempt.ts";
import { readUrl } from "./read-url.ts";
import { secretsIn, withoutKeys, withoutPrompt } from "./redact.ts";
import { retryDelayMs, type RetryPolicy } from "./retry.ts";
import type { Transport } from "./transport.ts";
import { DEFAULT_TIMEOUTS, type Timeouts } from "./watchdog.ts";

/** How a request is run. */
export interface RunOptions {
  readonly transport: Transport;
  readonly credentials: Credentials;
  readonly clock?: Clock;
  /** The name of the target in reports; `provider:model` unless given. */
  readonly label?: string;
  readonly id?: string;
  readonly phase?: RequestPhase;
  readonly labels?: Readonly<Record<string, string>>;
  /** When a schedule wanted the request sent. */
  readonly dueNs?: bigint;
  /** What a workload asked for, to be kept in the record. */
  readonly workload?: WorkloadMark;
  /** Breaks the request off; it is then recorded as aborted. */
  readonly signal?: AbortSignal;
  readonly timeouts?: Partial<Timeouts>;
  /** None unless given. */
  readonly retry?: RetryPolicy | null;
  /** Sees every delta as it is decoded, for those who want the text. It runs between two reads, so it should be short. */
  readonly onDelta?: (delta: Delta, atNs: bigint) => void;
}

function originOf(request: HttpRequest): string {
  const url = readUrl(request.url);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new LensError(
      "INVALID_ARGUMENT",
      "Expected the base URL to begin with http:// or https://. Give one such as https://api.example.com/v1.",
    );
  }
  return url.origin;
}

/**
 * Sends one prompt and records what came back: the one loop through which every request goes. Never rejects for what the world
 * does: a dead server, an error status, a cut stream are outcomes in the record. Throws `INVALID_ARGUMENT` for misuse, such as a
 * base URL that is none. Retries nothing unless told to, and nothing at all once a byte of a good answer's body has arrived.
 */
export async function runRequest(adapter: ProviderAdapter, prompt: PromptRequest, options: RunOptions): Promise<RequestRecord> {
  const {
    transport,
    credentials,
    clock = systemClock,
    label = `${adapter.id}:${prompt.model}`,
    retry = null,
    signal = null,
    onDelta = null,
  } = options;
  const { id, phase, labels, dueNs, workload } = options;
  const request = adapter.buildRequest(prompt, credentials);
  const origin = originOf(request);
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const recorder = createRecorder({
    clock,
    target: { provider: adapter.id, model: prompt.model, label, origin },
    ...(id === undefined ? {} : { id }),
    ...(phase === undefined ? {} : { phase }),
    ...(labels === undefined ? {} : { labels }),
    ...(dueNs === undefined ? {} : { dueNs }),
    ...(workload === undefined ? {} : { workload }),
  });

  const tryOnce = (): Promise<AttemptResult> => runAttempt({ adapter, request, transport, clock, recorder, timeouts, signal, onDelta });
  let result = await tryOnce();
  for (let count = 1; retry !== null && !result.begun; count += 1) {
    const delayMs = result.error === null ? null : retryDelayMs(retry, count, result.error);
    if (delayMs === null) break;
    await clock.sleepUntil(clock.nowNs() + BigInt(Math.round(delayMs * 1e6)), signal ?? undefined);
    if (signal?.aborted === true) {
      const error = new LensError("ABORTED", "The request was broken off from our side while it waited to be tried again.");
      result = { outcome: { kind: "aborted", finishReason: null, error: toErrorInfo(error) }, error, endNs: clock.nowNs(), begun: false };
      break;
    }
    result = await tryOnce();
  }
  return withoutPrompt(withoutKeys(recorder.finish(result.endNs, result.outcome), secretsIn(credentials)), prompt.messages);
}
