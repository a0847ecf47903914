import type { Cancel, ConnectionPhases, LensError } from "@lens/core";
import type { HttpRequest } from "./adapter.ts";

/** Response headers, lower-case names; of repeated ones the last, save where they join by comma. */
export type ResponseHeaders = Readonly<Record<string, string>>;

/**
 * Told of everything that happens to one request, in order, with the instant at which it happened.
 * Exactly one of `end` and `error` comes last; after a cancel, nothing comes.
 */
export interface TransportObserver {
  connection(phases: ConnectionPhases): void;
  /** The first byte of the request was handed to a connected socket. */
  sent(atNs: bigint): void;
  headers(status: number, headers: ResponseHeaders, atNs: bigint): void;
  /** A read of the body. `atNs` was taken before anything else was done with the bytes; they are only lent until the call returns. */
  bytes(chunk: Uint8Array, atNs: bigint, latenessNs: number | null): void;
  end(atNs: bigint): void;
  error(error: LensError, atNs: bigint): void;
}

/** Sends requests. Knows HTTP, and nothing of models. */
export interface Transport {
  /** Sends one request; the function that it returns breaks it off. */
  send(request: HttpRequest, observer: TransportObserver): Cancel;
  /** Closes idle connections, so that the process can end. */
  close(): void;
}
