import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { systemClock } from "@lens/core";
import { afterEach, describe, expect, test } from "vitest";
import { isLoopback, readAddress, urlOfAddress } from "../src/monitor/address.ts";
import { createRoutes, type Pages } from "../src/monitor/routes.ts";
import { type HttpServer, serve } from "../src/monitor/server.ts";
import { createSharedText } from "../src/monitor/shared-text.ts";

const LARGE = Buffer.alloc(8 * 1024 * 1024, "x");
const opened: Socket[] = [];
const servers: HttpServer[] = [];

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await server.close();
});

async function start(pages: Partial<Pages> = {}): Promise<{ readonly url: string; readonly port: number; readonly errors: unknown[] }> {
  const errors: unknown[] = [];
  const routes = createRoutes({
    metrics: async () => Buffer.from("llm_monitor_info 1\n"),
    report: async () => Buffer.from("{}\n"),
    status: async () => Buffer.from("<!doctype html>\n"),
    unready: () => null,
    token: () => null,
    ...pages,
  });
  const server = await serve({
    address: readAddress("127.0.0.1:0"),
    clock: systemClock,
    answer: routes,
    onError: (error) => errors.push(error),
  });
  servers.push(server);
  return { url: urlOfAddress(server.address), port: server.address.port, errors };
}

async function open(port: number, text = ""): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  opened.push(socket);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  if (text !== "") socket.write(text);
  return socket;
}

/** All that a server says until it closes the connection. */
async function said(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (piece: Buffer) => (text += piece.toString("latin1")));
  if (!socket.closed) await once(socket, "close");
  return text;
}

describe("what a monitor serves", () => {
  test("is of the right type, and is kept by nobody", async () => {
    const { url } = await start();
    const types: Record<string, string> = {
      "/metrics": "text/plain; version=0.0.4; charset=utf-8",
      "/report.json": "application/json; charset=utf-8",
      "/": "text/html; charset=utf-8",
      "/healthz": "text/plain; charset=utf-8",
      "/readyz": "text/plain; charset=utf-8",
    };
    for (const [path, type] of Object.entries(types)) {
      const { status, headers } = await fetch(`${url}${path}?a=b`);
      expect([path, status, headers.get("content-type")]).toEqual([path, 200, type]);
      expect([headers.get("cache-control"), headers.get("x-content-type-options")]).toEqual(["no-store", "nosniff"]);
    }
    const page = await fetch(url);
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; .*frame-ancestors 'none'$/);
    expect(page.headers.get("content-security-policy")).not.toContain("unsafe");
  });

  test("is read by GET and HEAD, and nothing else is taken", async () => {
    const { url } = await start();
    const head = await fetch(`${url}/metrics`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "19", ""]);
    const post = await fetch(`${url}/metrics`, { method: "POST", body: "x" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect((await fetch(`${url}/../etc/passwd`)).status).toBe(404);
  });

  test("is not ready until it is, and well all the while", async () => {
    const { url } = await start({ unready: () => "1 of 2 targets wait" });
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, "1 of 2 targets wait\n"]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test("wants the token for all but health, as bearer or as a password", async () => {
    const { url } = await start({ token: () => "right" });
    const basic = (password: string): string => `Basic ${Buffer.from(`anybody:${password}`).toString("base64")}`;
    const tries: [string | null, number][] = [
      [null, 401],
      ["Bearer right", 200],
      ["bearer right", 200],
      ["Bearer wrong", 401],
      ["Bearer ", 401],
      [basic("right"), 200],
      [basic("wrong"), 401],
      ["right", 401],
    ];
    for (const [authorization, expected] of tries)
      for (const path of ["/metrics", "/report.json", "/"]) {
        const { status, headers } = await fetch(`${url}${path}`, { headers: authorization === null ? {} : { authorization } });
        expect([authorization, path, status]).toEqual([authorization, path, expected]);
        if (expected === 401) expect(headers.get("www-authenticate")).toBe('Bearer realm="lens", Basic realm="lens"');
      }
    for (const path of ["/healthz", "/readyz"]) expect((await fetch(`${url}${path}`)).status).toBe(200);
  });

  test("that fails is an error of ours, told to the log and not to the reader", async () => {
    const { url, errors } = await start({ metrics: () => Promise.reject(new Error("canary")) });
    const response = await fetch(`${url}/metrics`);
    expect([response.status, await response.text()]).toEqual([500, "internal error\n"]);
    expect(errors).toEqual([new Error("canary")]);
  });
});

describe("hostile readers", () => {
  test("200 that never finish their request do not keep others out", async () => {
    const { url, port } = await start();
    for (let index = 0; index < 200; index += 1) await open(port, index % 2 === 0 ? "" : "GET /metrics HTTP/1.1\r\nx: ");
    const response = await fetch(`${url}/metrics`);
    expect(await response.text()).toBe("llm_monitor_info 1\n");
    // The oldest of them made way.
    const first = opened[0] as Socket;
    if (!first.closed) await once(first.resume(), "close");
    expect(opened.filter(({ closed, destroyed }) => closed || destroyed).length).toBeGreaterThanOrEqual(200 - 128);
  });

  test("200 that never read their answer do not keep others out, and share one copy of it", async () => {
    const { url, port } = await start({ report: async () => LARGE });
    for (let index = 0; index < 200; index += 1) (await open(port, "GET /report.json HTTP/1.1\r\nhost: x\r\n\r\n")).pause();
    expect(await (await fetch(`${url}/metrics`)).text()).toBe("llm_monitor_info 1\n");
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(20 * LARGE.length);
  });

  test("that send too much of a head, no HTTP or half a body are sent away", async () => {
    const { port, url } = await start();
    expect(await said(await open(port, `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(9000)}\r\n\r\n`))).toMatch(/^HTTP\/1\.1 431 /);
    expect(await said(await open(port, "\0\x01\x02 garbage\r\n\r\n"))).toMatch(/^HTTP\/1\.1 400 /);
    expect(await said(await open(port, "GET /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf"))).toMatch(
      /^HTTP\/1\.1 200 .*connection: close/is,
    );
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe("a text that many ask for", () => {
  test("is made once for all who ask meanwhile and shortly after", async () => {
    let made = 0;
    let nowNs = 0n;
    const ask = createSharedText(async () => `${(made += 1)}`, { clock: { nowNs: () => nowNs }, freshNs: 100 });
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(first).toBe(second);
    nowNs = 99n;
    expect((await ask()).toString()).toBe("1");
    nowNs = 100n;
    expect((await ask()).toString()).toBe("2");
  });

  test("whose making fails is made anew for the next", async () => {
    let made = 0;
    const make = async (): Promise<string> => {
      made += 1;
      if (made === 1) throw new Error("once");
      return "fine";
    };
    const ask = createSharedText(make, { clock: { nowNs: () => 0n }, freshNs: 100 });
    await expect(ask()).rejects.toThrow("once");
    expect((await ask()).toString()).toBe("fine");
  });
});

test("addresses are read with and without brackets, and reached where they stand for all", () => {
  expect(readAddress("[::1]:80")).toEqual({ host: "::1", port: 80 });
  expect(
    ["127.0.0.1:1", "localhost:1", "[::1]:1", "0.0.0.0:1", "[::]:1", "10.0.0.1:1"].map((text) => isLoopback(readAddress(text))),
  ).toEqual([true, true, true, false, false, false]);
  expect(["0.0.0.0:9", "[::]:9", "[::1]:9", "host:9"].map((text) => urlOfAddress(readAddress(text)))).toEqual([
    "http://127.0.0.1:9",
    "http://[::1]:9",
    "http://[::1]:9",
    "http://host:9",
  ]);
  expect(() => readAddress("a:65536")).toThrow(/a port from 0 to 65535, got `a:65536`/);
});

test("an address that is taken is told in one sentence", async () => {
  const { port } = await start();
  await expect(
    serve({
      address: { host: "127.0.0.1", port },
      clock: systemClock,
      answer: async () => ({ status: 200, contentType: "text/plain", body: "" }),
      onError: () => undefined,
    }),
  ).rejects.toThrow(`Expected \`--listen\` to be an address that can be had, got \`127.0.0.1:${port}\`: EADDRINUSE.`);
});
