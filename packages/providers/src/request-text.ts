import { type Cancel, type Clock, LensError, systemClock } from "@lens/core";
import type { HttpRequest } from "./adapter.ts";
import type { ResponseHeaders, Transport } from "./transport.ts";

/** A whole response, for what is not measured: lists of models, health checks. */
export interface TextResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: string;
}

/** How a plain request is sent. */
export interface RequestTextOptions {
  readonly clock?: Clock;
  /** For the whole exchange. */
  readonly timeoutNs?: number;
  /** The longest body that is read. */
  readonly maxBodyBytes?: number;
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_NS = 15e9;
const DEFAULT_MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Sends a request and reads the whole response as text. Rejects with a `LensError` when none comes; any status resolves. */
export function requestText(transport: Transport, request: HttpRequest, options: RequestTextOptions = {}): Promise<TextResponse> {
  const { clock = systemClock, timeoutNs = DEFAULT_TIMEOUT_NS, maxBodyBytes = DEFAULT_MAX_BODY_BYTES, signal } = options;
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    let status = 0;
    let headers: ResponseHeaders = {};
    let cancelSend: Cancel = () => undefined;
    const tidy = (): void => {
      cancelTimer();
      signal?.removeEventListener("abort", onAbort);
    };
    const fail = (error: LensError): void => {
      tidy();
      cancelSend();
      reject(error);
    };
    const onAbort = (): void => fail(new LensError("ABORTED", "The request was broken off from our side."));
    const cancelTimer = clock.after(timeoutNs, () =>
      fail(new LensError("TOTAL_TIMEOUT", `Waited ${timeoutNs / 1e9} s for an answer, and none came.`)),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
    cancelSend = transport.send(request, {
      connection: () => undefined,
      sent: () => undefined,
      headers(code, fields) {
        status = code;
        headers = fields;
      },
      bytes(chunk) {
        sizeBytes += chunk.length;
        if (sizeBytes > maxBodyBytes)
          return fail(new LensError("RESPONSE_TOO_LARGE", `The server sent more than ${maxBodyBytes} bytes; reading stopped there.`));
        chunks.push(chunk.slice());
      },
      end() {
        tidy();
        resolve({ status, headers, body: Buffer.concat(chunks).toString("utf8") });
      },
      error: fail,
    });
  });
}
