import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { LensError, systemClock } from "@lens/core";
import { type Answerer, createAnswerer } from "./answer.ts";
import type { Dialect, Protocol } from "./dialect.ts";
import type { Sink } from "./exchange.ts";
import { createFailure } from "./failure.ts";
import { modelsDocument } from "./models.ts";
import { findRoute, hasKey, type Route } from "./routes.ts";
import { resolveScenario, type Scenario } from "./scenario.ts";
import { createScheduler } from "./scheduler.ts";
import { createSlots } from "./slots.ts";
import { createTruthLog, type TruthEntry } from "./truth-log.ts";

/** How to start a simulator. */
export interface SimulatorOptions {
  /** What differs from `DEFAULT_SCENARIO`. */
  readonly scenario?: Partial<Scenario>;
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** 0, unless given, takes any free port. */
  readonly port?: number;
  /** Serves HTTPS with this key and certificate, both in PEM. The simulator makes none: Node has no means to. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Called with the truth about each request, when it has ended. */
  readonly onRequest?: (entry: TruthEntry) => void;
  /** Called with the body of each request as it came, before it is answered. */
  readonly onBody?: (body: string) => void;
  /** How many tokens the text of a prompt has, where the scenario does not say; about one for every four characters unless given. */
  readonly countTokens?: (text: string) => number;
  /** How many entries `truth()` keeps: the last 100,000 unless given, and fewer where answers are long. */
  readonly keepEntries?: number;
  /** A larger request body is answered by 413; 64 MiB unless given. */
  readonly maxBodyBytes?: number;
}

/** A running simulator. */
export interface Simulator {
  readonly port: number;
  /** Scheme, host and port. */
  readonly origin: string;
  /** For each protocol, what its official SDK calls the base URL. */
  readonly baseUrls: Readonly<Record<Protocol, string>>;
  /** The truth about the requests that have ended, in the order in which they did. */
  truth(): TruthEntry[];
  /** Breaks off what is running, closes all connections and resolves when the port is free; the truth is whole then. */
  close(): Promise<void>;
}

const CHARS_PER_TOKEN = 4;
const DEFAULT_KEEP_ENTRIES = 100_000;
const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;
/** A thousand clients may connect in one moment; the system's own limit still holds. */
const BACKLOG = 4_096;
/** Longer than clients keep an idle connection, so that it is not closed under a request that is on its way. */
const KEEP_ALIVE_TIMEOUT_MS = 120_000;

function createSink(response: ServerResponse): Sink {
  return {
    head: (status, headers) => response.writeHead(status, headers),
    write: (chunk) => {
      // Node holds what is written until the turn ends, unless its socket is held already; with many streams in a turn that would be long after
      // the stamp.
      const { socket } = response;
      socket?.cork();
      response.write(chunk);
      socket?.uncork();
    },
    end: () => response.end(),
    destroy: () => response.destroy(),
  };
}

/** Reads the body; hands over null as soon as it is larger than `maxBytes`, and nothing where the client leaves before its end. */
function readBody(request: IncomingMessage, maxBytes: number, done: (body: string | null) => void): void {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  request.on("data", (chunk: Buffer) => {
    if (sizeBytes > maxBytes) return;
    sizeBytes += chunk.length;
    if (sizeBytes <= maxBytes) chunks.push(chunk);
    else done(null);
  });
  request.on("end", () => {
    if (sizeBytes <= maxBytes) done(Buffer.concat(chunks).toString("utf8"));
  });
}

function sendJson(response: ServerResponse, status: number, document: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(document));
}

function sendModels(route: Extract<Route, { kind: "models" }>, scenario: Scenario, keyed: boolean, response: ServerResponse): void {
  const refuse = (status: 401 | 404, message: string): void => sendJson(response, status, failureDocument(route.dialect, status, message));
  if (scenario.requireKey && !keyed) return refuse(401, "No API key was provided. Any key will do for this simulator.");
  const document = modelsDocument(route.dialect.protocol, scenario.models, route.id);
  if (document === null) return refuse(404, `The model \`${String(route.id).slice(0, 256)}\` does not exist.`);
  sendJson(response, 200, document);
}

function failureDocument(dialect: Dialect, status: 401 | 404, message: string): unknown {
  return dialect.failureDocument(createFailure(status, message), { id: "req_none", ask: null });
}

/** What the listener works with. `running` holds, for each request that is being answered, what breaks it off. */
interface ListenerParts {
  readonly answer: Answerer;
  readonly onBody: SimulatorOptions["onBody"];
  readonly scenario: Scenario;
  readonly maxBodyBytes: number;
  readonly running: Set<() => void>;
}

function createListener({ answer, onBody, scenario, maxBodyBytes, running }: ListenerParts): RequestListener {
  return (request, response) => {
    const { method = "", url = "", headers } = request;
    const route = findRoute(method, url, headers);
    const keyed = hasKey(url, headers);
    switch (route.kind) {
      case "unknown":
        request.resume();
        return sendJson(response, 404, {
          error: {
            message: `Unknown path: ${method} ${url.slice(0, 256)}`,
            type: "invalid_request_error",
            param: null,
            code: "unknown_path",
          },
        });
      case "models":
        return sendModels(route, scenario, keyed, response);
      case "generate":
        return readBody(request, maxBodyBytes, (body) => {
          if (body === null) {
            // What is still on its way is not wanted: the connection goes with the answer.
            response.shouldKeepAlive = false;
            response.on("finish", () => request.destroy());
          }
          const receivedNs = systemClock.nowNs();
          if (body !== null) onBody?.(body);
          const leave = answer(
            { dialect: route.dialect, path: route.path, headers, hasKey: keyed, body, receivedNs },
            createSink(response),
          );
          running.add(leave);
          response.on("close", () => {
            running.delete(leave);
            leave();
          });
        });
    }
  };
}

function createServer(tls: SimulatorOptions["tls"], listener: RequestListener): Server {
  const options = { noDelay: true, keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS };
  if (tls === undefined) return createHttpServer(options, listener);
  try {
    return createHttpsServer({ ...options, key: tls.key, cert: tls.cert }, listener);
  } catch (cause) {
    throw new LensError("INVALID_ARGUMENT", "Expected `tls` to hold a key and a certificate that belong together, both in PEM.", { cause });
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new LensError("CONNECTION_FAILED", `Could not listen on ${host}:${port}: ${cause.message}. Choose another port, or 0 for any.`, {
          cause,
        }),
      ),
    );
    server.listen({ host, port, backlog: BACKLOG }, () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * Starts a simulator of language model providers. Throws `INVALID_ARGUMENT` for an impossible scenario or certificate; rejects with
 * `CONNECTION_FAILED` where the port cannot be had. A simulator in the process that measures competes with it for the thread: good for tests, not for figures.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = "127.0.0.1", port = 0, tls, keepEntries = DEFAULT_KEEP_ENTRIES, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = options;
  const scenario = resolveScenario(options.scenario);
  const log = createTruthLog(keepEntries);
  const scheduler = createScheduler(systemClock, setImmediate);
  const answer = createAnswerer({
    scenario,
    clock: systemClock,
    scheduler,
    slots: createSlots(scenario.slots),
    formatTime: (epochMs) => new Date(epochMs).toISOString(),
    countTokens: options.countTokens ?? ((text) => Math.round(text.length / CHARS_PER_TOKEN)),
    onRequest: (entry) => {
      log.add(entry);
      options.onRequest?.(entry);
    },
  });
  const running = new Set<() => void>();
  const server = createServer(tls, createListener({ answer, onBody: options.onBody, scenario, maxBodyBytes, running }));
  const boundPort = await listen(server, host, port);
  const origin = `${tls === undefined ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${boundPort}`;
  return {
    port: boundPort,
    origin,
    baseUrls: { openai: `${origin}/v1`, "openai-responses": `${origin}/v1`, anthropic: origin, google: origin, ollama: origin },
    truth: () => log.entries(),
    close: () =>
      new Promise((resolve) => {
        scheduler.stop();
        // Sockets tell of their end too late: the truth shall be whole when the promise resolves.
        for (const leave of running) leave();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
