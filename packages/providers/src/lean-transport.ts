import { validateHeaderName, validateHeaderValue } from "node:http";
import net, { type Socket } from "node:net";
import tls from "node:tls";
import { type Clock, LensError, systemClock, threadLatenessProbe } from "@lens/core";
import type { HttpRequest } from "./adapter.ts";
import { watchConnecting } from "./transport-connect.ts";
import { createResponseReader, type ResponseReader } from "./http1-response.ts";
import { connectionError, streamError } from "./network-error.ts";
import { createReadStamp } from "./read-stamp.ts";
import { readUrl } from "./read-url.ts";
import type { Transport, TransportObserver } from "./transport.ts";

/** How to reach servers without node:http. */
export interface LeanTransportOptions {
  readonly clock?: Clock;
  /** A certificate to trust besides those that Node brings, as PEM. */
  readonly ca?: string;
  /** Longest header block that is accepted; 64 kB unless given. */
  readonly maxHeaderBytes?: number;
}

/** One request on its way over one connection. */
interface Exchange {
  readonly observer: TransportObserver;
  readonly reader: ResponseReader;
  readonly url: Readonly<URL>;
  readonly reused: boolean;
  headed: boolean;
  /** Set when the response is complete, with the word whether the connection may be used again. */
  ended: "reusable" | "closing" | null;
}

interface Connection {
  readonly socket: Socket;
  readonly origin: string;
  exchange: Exchange | null;
  /** After this instant the server may have closed the idle connection. */
  expiresNs: bigint | null;
}

const DEFAULT_MAX_HEADER_BYTES = 64 * 1024;
/** As much as libuv reads at once. */
const READ_BUFFER_BYTES = 64 * 1024;
/** An idle connection is given up this long before the server said that it would close it. */
const EXPIRY_MARGIN_NS = 1_000_000_000n;

/** Heads that HTTP can carry, as the last requests had them. */
const checkedHeads = new Set<string>();
const MOST_CHECKED = 64;

/** Throws `INVALID_ARGUMENT` for headers that HTTP cannot carry; the message names the header, not its value. */
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (error) {
      throw new LensError("INVALID_ARGUMENT", `Expected a header that HTTP can carry, got a broken \`${name.slice(0, 40)}\`.`, {
        cause: error,
      });
    }
  }
}

/** The bytes of a request. Throws `INVALID_ARGUMENT` for headers that HTTP cannot carry. */
function serialize({ method, headers, body }: HttpRequest, url: Readonly<URL>): Buffer {
  let head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n`;
  if (headers.host === undefined) head += `host: ${url.host}\r\n`;
  if (headers.connection === undefined) head += "connection: keep-alive\r\n";
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  if (!checkedHeads.has(head)) {
    checkHeaders(headers);
    if (checkedHeads.size === MOST_CHECKED) checkedHeads.clear();
    checkedHeads.add(head);
  }
  const bodyBytes = body === null ? 0 : Buffer.byteLength(body);
  if (body !== null && headers["content-length"] === undefined) head += `content-length: ${bodyBytes}\r\n`;
  const bytes = Buffer.allocUnsafe(head.length + 2 + bodyBytes);
  bytes.write(`${head}\r\n`, "latin1");
  if (body !== null) bytes.write(body, head.length + 2, "utf8");
  return bytes;
}

/**
 * A transport that reads HTTP/1.1 straight from its sockets into one buffer that all of them share: less CPU than node:http for each
 * read (`pnpm bench --only streams`), and so less waiting behind other streams. Speaks http and https without a proxy; keeps connections alive; follows no redirect.
 */
export function createLeanTransport(options: LeanTransportOptions = {}): Transport {
  const { clock = systemClock, ca, maxHeaderBytes = DEFAULT_MAX_HEADER_BYTES } = options;
  const probe = threadLatenessProbe();
  const buffer = Buffer.allocUnsafe(READ_BUFFER_BYTES);
  const idle = new Map<string, Connection[]>();
  const trust = ca === undefined ? {} : { ca: [...tls.rootCertificates, ca] };
  let sessions = new Map<string, Buffer>();

  function connect(url: Readonly<URL>, onread: net.OnReadOpts): Socket {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const encrypted = url.protocol === "https:";
    const target = { host, port: Number(url.port) || (encrypted ? 443 : 80), noDelay: true, onread };
    if (!encrypted) return net.connect(target);
    const session = sessions.get(url.origin);
    const secured = tls.connect({
      ...target,
      ...trust,
      ...(net.isIP(host) === 0 ? { servername: host } : {}),
      ...(session === undefined ? {} : { session }),
      ALPNProtocols: ["http/1.1"],
    });
    secured.on("session", (found) => void sessions.set(url.origin, found));
    return secured;
  }

  /** Opens a connection, and tells the observer of its phases before the request is written. */
  function open(url: Readonly<URL>, bytes: Buffer, observer: TransportObserver): Connection {
    const startNs = clock.nowNs();
    const stamp = createReadStamp(clock, probe);
    const encrypted = url.protocol === "https:";
    const socket = connect(url, {
      buffer,
      callback(size, shared) {
        receive(connection, shared, size, stamp());
        return true;
      },
    });
    const connection: Connection = { socket, origin: url.origin, exchange: null, expiresNs: null };
    watchConnecting(socket, { clock, startNs, encrypted }, (phases, readyNs) => {
      observer.connection(phases);
      observer.sent(readyNs);
      socket.write(bytes);
    });
    socket.once("end", () => lose(connection, null));
    socket.once("error", (error) => lose(connection, error));
    socket.once("close", () => lose(connection, null));
    return connection;
  }

  function receive(connection: Connection, bytes: Uint8Array, size: number, atNs: bigint): void {
    const { exchange } = connection;
    if (exchange === null) return void connection.socket.destroy();
    currentNs = atNs;
    try {
      exchange.reader.feed(bytes, size);
    } catch (error) {
      connection.exchange = null;
      connection.socket.destroy();
      if (!(error instanceof LensError)) throw error;
      return exchange.observer.error(error, clock.nowNs());
    }
    if (exchange.ended !== null && connection.exchange === exchange) release(connection, exchange, atNs);
  }

  /** The instant of the read that is being worked off. */
  let currentNs = 0n;

  function release(connection: Connection, exchange: Exchange, atNs: bigint): void {
    connection.exchange = null;
    if (exchange.ended === "reusable" && connection.socket.writableLength === 0) {
      connection.socket.unref();
      const waiting = idle.get(connection.origin);
      if (waiting === undefined) idle.set(connection.origin, [connection]);
      else waiting.push(connection);
    } else connection.socket.destroy();
    exchange.observer.end(atNs);
  }

  /** The connection ended, was reset, or never came about. */
  function lose(connection: Connection, error: Error | null): void {
    const waiting = idle.get(connection.origin);
    const index = waiting?.indexOf(connection) ?? -1;
    if (index !== -1) waiting?.splice(index, 1);
    const { exchange } = connection;
    if (exchange === null) return void connection.socket.destroy();
    connection.exchange = null;
    const nowNs = clock.nowNs();
    try {
      if (error !== null) throw exchange.headed ? streamError(error) : connectionError(error, exchange.url, exchange.reused);
      exchange.reader.close();
      exchange.observer.end(nowNs);
    } catch (failure) {
      if (!(failure instanceof LensError)) throw failure;
      const early = failure.code === "CONNECTION_RESET" && error === null;
      exchange.observer.error(
        early ? connectionError(Object.assign(new Error("end of stream"), { code: "ECONNRESET" }), exchange.url, exchange.reused) : failure,
        nowNs,
      );
    } finally {
      connection.socket.destroy();
    }
  }

  function takeIdle(origin: string): Connection | null {
    const waiting = idle.get(origin) ?? [];
    for (let connection = waiting.pop(); connection !== undefined; connection = waiting.pop()) {
      if (!connection.socket.destroyed && (connection.expiresNs === null || clock.nowNs() < connection.expiresNs)) return connection;
      connection.socket.destroy();
    }
    return null;
  }

  function begin(connection: Connection, url: Readonly<URL>, observer: TransportObserver, reused: boolean): void {
    const exchange: Exchange = {
      observer,
      url,
      reused,
      headed: false,
      ended: null,
      reader: createResponseReader(
        {
          head(status, headers) {
            if (connection.exchange !== exchange) return;
            exchange.headed = true;
            const seconds = /(?:^|[,; ])timeout=(\d{1,6})/i.exec(headers["keep-alive"] ?? "")?.[1];
            connection.expiresNs = seconds === undefined ? null : clock.nowNs() + BigInt(seconds) * 1_000_000_000n - EXPIRY_MARGIN_NS;
            observer.headers(status, headers, currentNs);
          },
          body(piece) {
            if (connection.exchange === exchange) observer.bytes(piece, currentNs, probe.boundNs(currentNs));
          },
          end: (reusable) => void (exchange.ended = reusable ? "reusable" : "closing"),
        },
        maxHeaderBytes,
      ),
    };
    connection.exchange = exchange;
  }

  return {
    send(request, observer) {
      const url = readUrl(request.url) ?? new URL(request.url);
      const bytes = serialize(request, url);
      const kept = takeIdle(url.origin);
      const connection = kept ?? open(url, bytes, observer);
      begin(connection, url, observer, kept !== null);
      if (kept !== null) {
        kept.socket.ref();
        observer.connection({ reused: true, dnsNs: null, connectNs: null, tlsNs: null });
        observer.sent(clock.nowNs());
        kept.socket.write(bytes);
      }
      const { exchange } = connection;
      return () => {
        if (connection.exchange !== exchange) return;
        connection.exchange = null;
        connection.socket.destroy();
      };
    },
    close() {
      for (const waiting of idle.values()) for (const connection of waiting.splice(0)) connection.socket.destroy();
      sessions = new Map();
    },
  };
}
