/**
 * A transport for tests, which does what a script says on a virtual clock.
 * @module
 */
import type { Clock, LensError } from "@lens/core";
import type { HttpRequest } from "./adapter.ts";
import type { ResponseHeaders, Transport } from "./transport.ts";

/** One thing that a scripted server does, `afterNs` after the one before. */
export type ScriptStep =
  | { readonly afterNs: number; readonly type: "headers"; readonly status?: number; readonly headers?: ResponseHeaders }
  | { readonly afterNs: number; readonly type: "bytes"; readonly bytes: string | Uint8Array }
  | { readonly afterNs: number; readonly type: "end" }
  | { readonly afterNs: number; readonly type: "error"; readonly error: LensError };

/** What happens to one request. */
export interface Script {
  /** From the call to the connection; 0 unless given. */
  readonly connectNs?: number;
  readonly steps: readonly ScriptStep[];
}

/** A transport that plays scripts, and keeps the requests that it was given. */
export interface ScriptedTransport extends Transport {
  readonly requests: readonly HttpRequest[];
  /** How many requests were broken off. */
  readonly cancelled: () => number;
}

/**
 * A transport for tests: the n-th request is answered by `script(n)`, on `clock` (usually a virtual one). A script that has no end
 * leaves the request hanging, as a server may.
 */
export function createScriptedTransport(clock: Clock, script: (index: number, request: HttpRequest) => Script): ScriptedTransport {
  const requests: HttpRequest[] = [];
  let cancelled = 0;
  return {
    requests,
    cancelled: () => cancelled,
    send(request, observer) {
      const { connectNs = 0, steps } = script(requests.length, request);
      requests.push(request);
      let over = false;
      async function play(): Promise<void> {
        let atNs = clock.nowNs() + BigInt(connectNs);
        await clock.sleepUntil(atNs);
        if (over) return;
        observer.connection({ reused: false, dnsNs: null, connectNs, tlsNs: null });
        observer.sent(atNs);
        for (const step of steps) {
          atNs += BigInt(step.afterNs);
          await clock.sleepUntil(atNs);
          if (over) return;
          if (step.type === "headers") observer.headers(step.status ?? 200, step.headers ?? { "content-type": "text/event-stream" }, atNs);
          else if (step.type === "bytes")
            observer.bytes(typeof step.bytes === "string" ? new TextEncoder().encode(step.bytes) : step.bytes, atNs, 0);
          else {
            over = true;
            if (step.type === "end") observer.end(atNs);
            else observer.error(step.error, atNs);
          }
        }
      }
      void play();
      return () => {
        if (!over) cancelled += 1;
        over = true;
      };
    },
    close: () => undefined,
  };
}
