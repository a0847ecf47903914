import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo, type Server } from "node:net";
import type { LensError } from "@lens/core";
import { afterEach, describe, expect, it } from "vitest";
import {
  createHttpTransport,
  createLeanTransport,
  createTransport,
  type HttpRequest,
  requestText,
  type Transport,
  type TransportObserver,
} from "../src/index.ts";

const key = readFileSync(new URL("tls/key.pem", import.meta.url), "utf8");
const cert = readFileSync(new URL("tls/cert.pem", import.meta.url), "utf8");

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const closable of open.splice(0)) closable.close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  open.push({ close: () => server.close() });
  return (server.address() as AddressInfo).port;
}

/** A server that answers every request with these raw pieces, one write each, and then does nothing or closes. */
const rawServer = (pieces: readonly string[], after: "keep" | "end" | "reset" = "keep"): Promise<number> =>
  listen(
    net.createServer((socket) => {
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("data", () => {
        for (const piece of pieces) socket.write(piece);
        if (after === "end") socket.end();
        if (after === "reset") setImmediate(() => socket.resetAndDestroy());
      });
    }),
  );

function kept(transport: Transport): Transport {
  open.push(transport);
  return transport;
}

interface Seen {
  readonly calls: string[];
  readonly reads: { readonly text: string; readonly atNs: bigint }[];
  readonly error: LensError | null;
  readonly status: number | null;
  readonly phases: Parameters<TransportObserver["connection"]>[0] | null;
}

function exchange(transport: Transport, port: number, request: Partial<HttpRequest> = {}): Promise<Seen> {
  return new Promise((resolve) => {
    const seen = {
      calls: [] as string[],
      reads: [] as Seen["reads"][number][],
      error: null as LensError | null,
      status: null as number | null,
      phases: null as Seen["phases"],
    };
    const note = (name: string): void => {
      if (seen.calls.at(-1) !== name) seen.calls.push(name);
    };
    transport.send(
      { method: "POST", url: `http://127.0.0.1:${port}/x`, headers: {}, body: "{}", ...request },
      {
        connection(phases) {
          note("connection");
          seen.phases = phases;
        },
        sent: () => note("sent"),
        headers(status) {
          note("headers");
          seen.status = status;
        },
        bytes(chunk, atNs, latenessNs) {
          note("bytes");
          expect(latenessNs).toBeGreaterThanOrEqual(0);
          const text = Buffer.from(chunk).toString("utf8");
          const last = seen.reads.at(-1);
          if (last?.atNs === atNs) seen.reads[seen.reads.length - 1] = { text: last.text + text, atNs };
          else seen.reads.push({ text, atNs });
        },
        end() {
          note("end");
          resolve(seen);
        },
        error(error) {
          note("error");
          seen.error = error;
          resolve(seen);
        },
      },
    );
  });
}

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

describe.each<[string, (options?: { readonly ca?: string }) => Transport]>([
  ["createHttpTransport", (options) => kept(createHttpTransport(options))],
  ["createLeanTransport", (options) => kept(createLeanTransport(options))],
])("%s", (_, transportOf) => {
  it("tells of everything in order, and says that a fresh connection was fresh", async () => {
    const port = await rawServer([`${HEAD}2\r\nab\r\n0\r\n\r\n`]);
    const seen = await exchange(transportOf(), port);
    expect(seen.calls).toEqual(["connection", "sent", "headers", "bytes", "end"]);
    expect(seen.phases).toEqual({ reused: false, dnsNs: null, connectNs: expect.any(Number), tlsNs: null });
  });

  it("gives HTTP chunks that came in one read one stamp", async () => {
    const port = await rawServer([`${HEAD}1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n`]);
    const seen = await exchange(transportOf(), port);
    expect(seen.reads.map(({ text }) => text)).toEqual(["abc"]);
  });

  it("uses a connection again and says so", async () => {
    const port = await rawServer(["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"]);
    const transport = transportOf();
    await exchange(transport, port);
    const second = await exchange(transport, port);
    expect(second.phases).toEqual({ reused: true, dnsNs: null, connectNs: null, tlsNs: null });
  });

  it("measures the name look-up where there is a name", async () => {
    const port = await rawServer(["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"]);
    const seen = await exchange(transportOf(), port, { url: `http://localhost:${port}/` });
    expect(seen.phases?.dnsNs).toBeGreaterThan(0);
  });

  it("sends what it is given and nothing that is not HTTP's own", async () => {
    const port = await listen(
      http.createServer((request, response) => {
        let body = "";
        request.on("data", (chunk: Buffer) => (body += chunk.toString()));
        request.on("end", () => response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body })));
      }),
    );
    const seen = await exchange(transportOf(), port, { headers: { "x-a": "b" }, body: '{"q":"ü"}' });
    expect(JSON.parse(seen.reads[0]?.text ?? "")).toEqual({
      method: "POST",
      url: "/x",
      headers: { "x-a": "b", "content-length": "10", host: `127.0.0.1:${port}`, connection: "keep-alive" },
      body: '{"q":"ü"}',
    });
  });

  it("does not follow a redirect", async () => {
    const port = await rawServer(["HTTP/1.1 307 Temporary Redirect\r\nlocation: /y\r\ncontent-length: 0\r\n\r\n"]);
    expect((await exchange(transportOf(), port)).status).toBe(307);
  });

  it("measures TLS apart, and checks the certificate", async () => {
    const port = await listen(https.createServer({ key, cert }, (_, response) => void response.end("ok")));
    const url = `https://localhost:${port}/`;
    const trusted = await exchange(transportOf({ ca: cert }), port, { url });
    expect(trusted.phases?.tlsNs).toBeGreaterThan(0);
    expect(trusted.reads[0]?.text).toBe("ok");
    const strict = await exchange(transportOf(), port, { url });
    expect(strict.error).toMatchObject({ code: "TLS_FAILED", message: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT") });
  });

  it("gives TLS records that came in one turn one stamp", async () => {
    const port = await listen(
      https.createServer({ key, cert }, (_, response) => {
        response.socket?.cork();
        response.write("a");
        response.write("b");
        response.end("c");
        response.socket?.uncork();
      }),
    );
    const seen = await exchange(transportOf({ ca: cert }), port, { url: `https://localhost:${port}/` });
    expect(seen.reads.map(({ text }) => text).join("")).toBe("abc");
    expect(seen.reads).toHaveLength(1);
  });

  it.each<[string, readonly string[], "keep" | "end" | "reset", string]>([
    ["a connection that closes before an answer", [], "end", "CONNECTION_RESET"],
    ["a connection that is reset before an answer", [], "reset", "CONNECTION_RESET"],
    ["a body that is cut", [`${HEAD}2\r\nab\r\n`], "end", "STREAM_CUT"],
    ["a body that is shorter than announced", ["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab"], "end", "STREAM_CUT"],
    ["what is not HTTP", ["SSH-2.0-OpenSSH_9.2\r\n"], "end", "PROTOCOL_ERROR"],
    ["a chunk size that is none", [`${HEAD}zz\r\nab\r\n`], "keep", "PROTOCOL_ERROR"],
    ["endless headers", [`HTTP/1.1 200 OK\r\nx: ${"a".repeat(70_000)}\r\n\r\n`], "keep", "RESPONSE_TOO_LARGE"],
  ])("names %s", async (_, pieces, after, code) => {
    const port = await rawServer(pieces, after);
    const seen = await exchange(transportOf(), port);
    expect(seen.error?.code).toBe(code);
    expect(seen.calls.filter((call) => call === "error" || call === "end")).toEqual(["error"]);
  });

  it("names a server that does not run, and a host that does not exist", async () => {
    const port = await rawServer([]);
    for (const server of open.splice(0)) server.close();
    const refused = await exchange(transportOf(), port);
    expect(refused.error).toMatchObject({
      code: "CONNECTION_REFUSED",
      retryable: true,
      message: `Nothing listens at 127.0.0.1:${port}. Check the base URL, and that the server runs.`,
    });
    const unknown = await exchange(transportOf(), 1, { url: "http://nowhere.invalid/" });
    expect(unknown.error?.code).toBe("DNS_FAILED");
  });

  it("falls silent after a cancel", async () => {
    const port = await rawServer([HEAD]);
    const calls: string[] = [];
    const transport = transportOf();
    await new Promise<void>((resolve) => {
      const cancel = transport.send(
        { method: "GET", url: `http://127.0.0.1:${port}/`, headers: {}, body: null },
        {
          connection: () => undefined,
          sent: () => undefined,
          headers() {
            cancel();
            cancel();
            setTimeout(resolve, 20);
          },
          bytes: () => void calls.push("bytes"),
          end: () => void calls.push("end"),
          error: () => void calls.push("error"),
        },
      );
    });
    expect(calls).toEqual([]);
  });

  it("refuses headers that HTTP cannot carry, without showing them", () => {
    const send = (): unknown =>
      transportOf().send(
        { method: "GET", url: "http://127.0.0.1:1/", headers: { authorization: "Bearer a\nb" }, body: null },
        {} as TransportObserver,
      );
    expect(send).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.not.stringContaining("a\nb") }));
  });
});

const transportOf = (options: Parameters<typeof createHttpTransport>[0] = {}): Transport => kept(createHttpTransport(options));

describe("proxies", () => {
  async function proxyServer(): Promise<{ readonly port: number; readonly asked: string[] }> {
    const asked: string[] = [];
    const server = http.createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      http.get(request.url ?? "", (upstream) => void upstream.pipe(response));
    });
    server.on("connect", (request, socket, head) => {
      asked.push(`CONNECT ${request.url}`);
      const [host = "", port = ""] = (request.url ?? "").split(":");
      const upstream = net.connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on("error", () => socket.destroy());
      socket.on("error", () => upstream.destroy());
    });
    return { port: await listen(server), asked };
  }

  it("carry http by its whole address", async () => {
    const port = await rawServer(["HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"], "end");
    const proxy = await proxyServer();
    const seen = await exchange(transportOf({ proxyFor: () => `http://127.0.0.1:${proxy.port}` }), port, { method: "GET", body: null });
    expect(seen.reads[0]?.text).toBe("ok");
    expect(proxy.asked).toEqual([`GET http://127.0.0.1:${port}/x`]);
  });

  it("carry https through a tunnel", async () => {
    const port = await listen(https.createServer({ key, cert }, (_, response) => void response.end("ok")));
    const proxy = await proxyServer();
    const seen = await exchange(transportOf({ ca: cert, proxyFor: () => `http://127.0.0.1:${proxy.port}` }), port, {
      url: `https://localhost:${port}/`,
    });
    expect(seen.error).toBeNull();
    expect(seen.reads[0]?.text).toBe("ok");
    expect(seen.phases?.reused).toBe(false);
    expect(proxy.asked).toEqual([`CONNECT localhost:${port}`]);
  });

  it("are left to node:http by the transport that chooses, and only they", async () => {
    const port = await rawServer(["HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"], "end");
    const proxy = await proxyServer();
    const choosing = kept(createTransport({ proxyFor: (url) => (url.pathname === "/x" ? `http://127.0.0.1:${proxy.port}` : null) }));
    await exchange(choosing, port, { method: "GET", body: null });
    const straight = await exchange(choosing, port, { method: "GET", body: null, url: `http://127.0.0.1:${port}/y` });
    expect(straight.reads[0]?.text).toBe("ok");
    expect(proxy.asked).toEqual([`GET http://127.0.0.1:${port}/x`]);
  });

  it("are named when they are dead or no URL", async () => {
    const dead = await exchange(transportOf({ proxyFor: () => "http://127.0.0.1:1" }), 9, {});
    expect(dead.error?.code).toBe("CONNECTION_REFUSED");
    const wrong = await exchange(transportOf({ proxyFor: () => "nonsense" }), 9, {});
    expect(wrong.error?.code).toBe("PROXY_FAILED");
  });
});

describe("requestText", () => {
  const get = (port: number): HttpRequest => ({ method: "GET", url: `http://127.0.0.1:${port}/`, headers: {}, body: null });

  it("reads a whole response", async () => {
    const port = await rawServer(["HTTP/1.1 404 Not Found\r\nx-a: b\r\ncontent-length: 5\r\n\r\nnöö"]);
    expect(await requestText(transportOf(), get(port))).toEqual({
      status: 404,
      headers: { "x-a": "b", "content-length": "5" },
      body: "nöö",
    });
  });

  it("rejects when none comes in time, when it is too long, when the signal aborts, and when nothing listens", async () => {
    const silent = await rawServer([]);
    await expect(requestText(transportOf(), get(silent), { timeoutNs: 5e6 })).rejects.toMatchObject({ code: "TOTAL_TIMEOUT" });
    await expect(requestText(transportOf(), get(silent), { signal: AbortSignal.timeout(5) })).rejects.toMatchObject({ code: "ABORTED" });
    const long = await rawServer([`HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n${"x".repeat(99)}`]);
    await expect(requestText(transportOf(), get(long), { maxBodyBytes: 50 })).rejects.toMatchObject({ code: "RESPONSE_TOO_LARGE" });
    await expect(requestText(transportOf(), get(1))).rejects.toMatchObject({ code: "CONNECTION_REFUSED" });
  });
});
