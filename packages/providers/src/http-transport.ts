import http from "node:http";
import https from "node:https";
import { rootCertificates } from "node:tls";
import { type Cancel, type Clock, type LatenessProbe, LensError, systemClock, threadLatenessProbe } from "@lens/core";
import type { HttpRequest } from "./adapter.ts";
import { watchConnecting } from "./transport-connect.ts";
import { connectionError, streamError } from "./network-error.ts";
import { createReadStamp } from "./read-stamp.ts";
import type { ResponseHeaders, Transport, TransportObserver } from "./transport.ts";

/** How to reach servers. */
export interface HttpTransportOptions {
  readonly clock?: Clock;
  /** The proxy for a URL, as a URL itself; null goes straight. Unless given, everything goes straight. */
  readonly proxyFor?: (url: URL) => string | null;
  /** A certificate to trust besides those that Node brings, as PEM. */
  readonly ca?: string;
  /** Longest header block that is accepted; 64 kB unless given. */
  readonly maxHeaderBytes?: number;
}

const DEFAULT_MAX_HEADER_BYTES = 64 * 1024;

/** Headers as one string each, as node joins them; `set-cookie` is of no use here. */
function plainHeaders(headers: http.IncomingHttpHeaders): ResponseHeaders {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])));
}

/** Reports the phases of the connection that carries `request`, then the moment at which it can be written to. */
function observeConnection(request: http.ClientRequest, clock: Clock, observer: TransportObserver): void {
  const startNs = clock.nowNs();
  request.once("socket", (socket) => {
    if (request.reusedSocket || !socket.connecting) {
      observer.connection({ reused: request.reusedSocket, dnsNs: null, connectNs: null, tlsNs: null });
      observer.sent(clock.nowNs());
      return;
    }
    watchConnecting(socket, { clock, startNs, encrypted: "encrypted" in socket }, (phases, readyNs) => {
      observer.connection(phases);
      observer.sent(readyNs);
    });
  });
}

/** Passes the body on. */
function observeBody(response: http.IncomingMessage, clock: Clock, probe: LatenessProbe, observer: TransportObserver): void {
  const stamp = createReadStamp(clock, probe);
  response.on("data", (chunk: Buffer) => {
    const readNs = stamp();
    observer.bytes(chunk, readNs, probe.boundNs(readNs));
  });
  response.once("end", () => {
    if (response.complete) observer.end(clock.nowNs());
    else observer.error(streamError(null), clock.nowNs());
  });
  response.once("error", (error) => observer.error(streamError(error), clock.nowNs()));
}

/** Node throws for headers that HTTP cannot carry, such as a key with a line break; its message names the header, not the value. */
function begin(open: () => http.ClientRequest): http.ClientRequest {
  try {
    return open();
  } catch (error) {
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected a URL and headers that HTTP can carry: ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    );
  }
}

/** Lets nothing through after the end, an error or a cancel. */
function once(observer: TransportObserver): { readonly observer: TransportObserver; readonly stop: () => boolean } {
  let over = false;
  const stop = (): boolean => {
    const first = !over;
    over = true;
    return first;
  };
  return {
    stop,
    observer: {
      connection: (phases) => void (over || observer.connection(phases)),
      sent: (atNs) => void (over || observer.sent(atNs)),
      headers: (status, headers, atNs) => void (over || observer.headers(status, headers, atNs)),
      bytes: (chunk, atNs, latenessNs) => void (over || observer.bytes(chunk, atNs, latenessNs)),
      end: (atNs) => void (stop() && observer.end(atNs)),
      error: (error, atNs) => void (stop() && observer.error(error, atNs)),
    },
  };
}

/**
 * A transport on node:http and node:https with keep-alive and as many connections as there are requests at once. Follows no redirect,
 * retries nothing, and stamps in the socket's own callbacks.
 */
export function createHttpTransport(options: HttpTransportOptions = {}): Transport {
  const { clock = systemClock, proxyFor, ca, maxHeaderBytes = DEFAULT_MAX_HEADER_BYTES } = options;
  const probe = threadLatenessProbe();
  const trust = ca === undefined ? {} : { ca: [...rootCertificates, ca] };
  const plain = new http.Agent({ keepAlive: true });
  const secure = new https.Agent({ keepAlive: true, ...trust });
  const proxied = new Map<string, Promise<http.Agent>>();

  async function createProxyAgent(proxy: string, encrypted: boolean): Promise<http.Agent> {
    if (encrypted) {
      const { HttpsProxyAgent } = await import("https-proxy-agent");
      return new HttpsProxyAgent(proxy, { keepAlive: true });
    }
    const { HttpProxyAgent } = await import("http-proxy-agent");
    return new HttpProxyAgent(proxy, { keepAlive: true });
  }

  function proxyAgent(proxy: string, encrypted: boolean): Promise<http.Agent> {
    const key = `${encrypted} ${proxy}`;
    const agent = proxied.get(key) ?? createProxyAgent(proxy, encrypted);
    proxied.set(key, agent);
    return agent;
  }

  function open(url: URL, request: HttpRequest, agent: http.Agent, observer: TransportObserver): http.ClientRequest {
    const encrypted = url.protocol === "https:";
    const length = request.body === null ? {} : { "content-length": String(Buffer.byteLength(request.body)) };
    const headers = { ...request.headers, ...length };
    const settings = { method: request.method, headers, agent, maxHeaderSize: maxHeaderBytes, ...(encrypted ? trust : {}) };
    const sending = begin(() => (encrypted ? https : http).request(url, settings));
    observeConnection(sending, clock, observer);
    sending.once("response", (response) => {
      observer.headers(response.statusCode ?? 0, plainHeaders(response.headers), clock.nowNs());
      observeBody(response, clock, probe, observer);
    });
    sending.on("error", (error) => observer.error(connectionError(error, url, sending.reusedSocket), clock.nowNs()));
    sending.end(request.body ?? undefined);
    return sending;
  }

  return {
    send(request, caller): Cancel {
      const { observer, stop } = once(caller);
      const url = new URL(request.url);
      const proxy = proxyFor?.(url) ?? null;
      let sending: http.ClientRequest | null = null;
      let cancelled = false;
      if (proxy === null) {
        sending = open(url, request, url.protocol === "https:" ? secure : plain, observer);
      } else {
        proxyAgent(proxy, url.protocol === "https:")
          .then((agent) => {
            if (!cancelled) sending = open(url, request, agent, observer);
          })
          .catch((error: unknown) => {
            const failure = new LensError(
              "PROXY_FAILED",
              `The request could not be sent by the proxy: ${error instanceof Error ? error.message : String(error)}.`,
              { cause: error },
            );
            observer.error(failure, clock.nowNs());
          });
      }
      return () => {
        cancelled = true;
        if (stop()) sending?.destroy();
      };
    },
    close() {
      plain.destroy();
      secure.destroy();
      for (const agent of proxied.values())
        agent.then(
          (opened) => opened.destroy(),
          () => undefined,
        );
    },
  };
}
