import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Clock, LensError } from "@lens/core";
import type { Address } from "./address.ts";

/** What is asked of the server. */
export interface Question {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly authorization: string | undefined;
}

/** What it says. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpServer {
  /** With the port that was taken. */
  readonly address: Address;
  /** Takes no more connections, lets answers end that are under way, for a moment, and closes all. */
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly address: Address;
  readonly clock: Clock;
  readonly answer: (question: Question) => Promise<Answer>;
  /** Hears of what an answer throws. */
  readonly onError: (error: unknown) => void;
}

/** Readers are few and near. These bounds are wide for them, and narrow for those who mean harm or stand still. */
const LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 20_000,
  connectionsCheckingInterval: 1_000,
  noDelay: true,
} as const;
/** From the head of a request to the last byte of its answer. */
const ANSWER_TIMEOUT_NS = 20e9;
const MOST_CONNECTIONS = 128;
const MOST_REQUESTS_A_CONNECTION = 200;
const CLOSING_NS = 250e6;

const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };

/** The connections that are open, oldest first. Where there are too many, the oldest that waits for no answer makes way, so that those who come still get in. */
function createConnections() {
  const open = new Map<Socket, { answers: number }>();
  function makeRoom(): void {
    if (open.size < MOST_CONNECTIONS) return;
    const idle = [...open].find(([, { answers }]) => answers === 0);
    const [oldest] = idle ?? [...open][0] ?? [];
    if (oldest === undefined) return;
    open.delete(oldest);
    oldest.destroy();
  }
  return {
    add(socket: Socket): void {
      makeRoom();
      open.set(socket, { answers: 0 });
      socket.once("close", () => open.delete(socket));
    },
    count(socket: Socket, answers: number): void {
      const connection = open.get(socket);
      if (connection !== undefined) connection.answers += answers;
    },
  };
}

function questionOf({ method = "", url = "", headers }: IncomingMessage): Question {
  return { method, path: url.split("?")[0] ?? "", authorization: headers.authorization };
}

function send(response: ServerResponse, { method, headers }: IncomingMessage, { status, contentType, body, headers: own }: Answer): void {
  // A body that comes with a question is not waited for.
  const carriesBody = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
  response.writeHead(status, {
    ...HEADERS,
    ...own,
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    ...(carriesBody ? { connection: "close" } : {}),
  });
  response.end(method === "HEAD" ? undefined : body);
}

/** Serves answers over HTTP/1.1. Throws `INVALID_ARGUMENT` where the address cannot be had. */
export async function serve({ address, clock, answer, onError }: ServerOptions): Promise<HttpServer> {
  const connections = createConnections();
  const server = createServer(LIMITS, (request, response) => {
    const { socket } = request;
    connections.count(socket, 1);
    const cancel = clock.after(ANSWER_TIMEOUT_NS, () => socket.destroy());
    response.once("close", () => {
      cancel();
      connections.count(socket, -1);
    });
    answer(questionOf(request))
      .catch((error: unknown): Answer => {
        onError(error);
        return { status: 500, contentType: "text/plain; charset=utf-8", body: "internal error\n" };
      })
      .then((found) => send(response, request, found))
      .catch(onError);
  });
  server.maxRequestsPerSocket = MOST_REQUESTS_A_CONNECTION;
  server.on("connection", connections.add);
  await listen(server, address);
  server.on("error", onError);
  const { port } = server.address() as AddressInfo;
  return {
    address: { ...address, port },
    close: () =>
      new Promise((resolve) => {
        const cancel = clock.after(CLOSING_NS, () => server.closeAllConnections());
        server.close(() => {
          cancel();
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function listen(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        new LensError(
          "INVALID_ARGUMENT",
          `Expected \`--listen\` to be an address that can be had, got \`${host}:${port}\`: ${cause.code ?? cause.message}.`,
          {
            cause,
          },
        ),
      ),
    );
    server.listen({ host, port }, resolve);
  });
}
