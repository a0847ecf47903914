import { connect } from "node:net";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { PROTOCOLS } from "../src/dialect.ts";
import { FAULTS, modelOfFault } from "../src/faults.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../src/server.ts";
import type { TruthEntry } from "../src/truth-log.ts";
import { sseData } from "./dialects.ts";
import { MESSAGES, PLAIN_REQUESTS, type Reply, REQUESTS, send } from "./http-client.ts";

const running: Simulator[] = [];
const FAST = { ttftMs: 4, gapMs: 1, outputTokens: 6, slowHeadersMs: 30, hugeEventBytes: 200_000, hugeHeadersBytes: 100_000 };

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ ...options, scenario: { ...FAST, ...options.scenario } });
  running.push(simulator);
  return simulator;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
});

/** The entry of the truth, which follows the last byte by a turn of the loop where a client left. */
async function truthOf(simulator: Simulator, count = 1): Promise<TruthEntry[]> {
  while (simulator.truth().length < count) await new Promise(setImmediate);
  return simulator.truth();
}

const ask = (
  simulator: Simulator,
  protocol: (typeof PROTOCOLS)[number],
  model = "sim",
  options: { leaveAt?: string } = {},
): Promise<Reply> => {
  const { path, body, headers } = REQUESTS[protocol](model);
  return send(simulator.origin + path, { body, headers, ...options });
};

describe("startSimulator", () => {
  test.each(PROTOCOLS)("streams %s over a socket, no token before it is due, none before it is stamped", async (protocol) => {
    const simulator = await start();
    const sentNs = process.hrtime.bigint();
    const reply = await ask(simulator, protocol);
    const [entry] = await truthOf(simulator);
    if (entry === undefined) throw new Error("The truth is missing.");

    expect(reply).toMatchObject({ status: 200, cut: false });
    expect(reply.headers["x-request-id"]).toBe(entry.id);
    expect(entry).toMatchObject({
      protocol,
      model: "sim",
      outcome: "ok",
      fault: null,
      chunks: 6,
      outputTokens: 6,
      reasoningTokens: 0,
      inputTokens: 4,
    });
    expect(entry.receivedNs).toBeGreaterThan(sentNs);
    expect(entry.startedNs).toBe(entry.receivedNs);
    for (const [index, stamp] of entry.tokenNs.entries())
      expect(Number(stamp - entry.receivedNs)).toBeGreaterThanOrEqual(4e6 + index * 1e6);
    expect(entry.endNs).toBeGreaterThanOrEqual(entry.tokenNs.at(-1) ?? 0n);
    expect(reply.readNs.at(-1)).toBeGreaterThan(entry.tokenNs.at(-1) ?? 0n);
  });

  test("sends headers at once where the provider does, and with the first chunk where it does not", async () => {
    const simulator = await start({ scenario: { ttftMs: 80 } });
    const early = await ask(simulator, "openai");
    const late = await ask(simulator, "google");
    const [first, second] = await truthOf(simulator, 2);
    expect(early.readNs[0]).toBeLessThan(first?.tokenNs[0] ?? 0n);
    expect(late.readNs[0]).toBeGreaterThan(second?.tokenNs[0] ?? 0n);
    expect(Number(/dur=(\d+)/.exec(String(late.headers["server-timing"]))?.[1])).toBeGreaterThanOrEqual(80);
  });

  test("sends the headers that each provider is known by", async () => {
    const simulator = await start();
    expect((await ask(simulator, "openai")).headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "openai-processing-ms": expect.stringMatching(/^\d+$/),
      "x-ratelimit-remaining-requests": "9999",
      "x-ratelimit-reset-requests": "6ms",
    });
    expect((await ask(simulator, "anthropic")).headers).toMatchObject({
      "request-id": expect.any(String),
      "anthropic-ratelimit-requests-reset": expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect((await ask(simulator, "google")).headers).toMatchObject({
      "content-type": "text/event-stream",
      "content-disposition": "attachment",
    });
    expect((await ask(simulator, "ollama")).headers).toMatchObject({ "content-type": "application/x-ndjson" });
  });

  test.each(PROTOCOLS)("answers %s in one document where no stream is asked for", async (protocol) => {
    const simulator = await start();
    const { path, body, headers } = PLAIN_REQUESTS[protocol]("sim");
    const reply = await send(simulator.origin + path, { body, headers });
    const [entry] = await truthOf(simulator);
    expect(JSON.parse(reply.text)).toBeTypeOf("object");
    expect(String(reply.headers["content-type"])).toMatch(/^application\/json/);
    expect(entry).toMatchObject({ outcome: "ok", chunks: 1, outputTokens: 6 });
    expect(Number((entry?.tokenNs[0] ?? 0n) - (entry?.receivedNs ?? 0n))).toBeGreaterThanOrEqual(9e6);
  });

  test("serves a hundred streams at once, each whole", async () => {
    const simulator = await start({ scenario: { outputTokens: 20 } });
    const replies = await Promise.all(Array.from({ length: 100 }, () => ask(simulator, "openai")));
    for (const reply of replies) expect(sseData(reply.text).at(-2).usage.completion_tokens).toBe(20);
    const truth = await truthOf(simulator, 100);
    expect(new Set(truth.map((entry) => entry.id)).size).toBe(100);
    for (const entry of truth) expect(entry.chunks).toBe(20);
  });

  test("queues for its slots", async () => {
    const simulator = await start({ scenario: { slots: 1 } });
    await Promise.all(Array.from({ length: 4 }, () => ask(simulator, "openai")));
    const truth = await truthOf(simulator, 4);
    for (const [index, entry] of truth.slice(1).entries()) expect(entry.startedNs).toBeGreaterThanOrEqual(truth[index]?.endNs ?? 0n);
  });

  test("keeps a connection for the next request", async () => {
    const simulator = await start({ scenario: { outputTokens: 1 } });
    const body = JSON.stringify(REQUESTS.openai("sim").body);
    const request = `POST /v1/chat/completions HTTP/1.1\r\nhost: sim\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const socket = connect(simulator.port, "127.0.0.1");
    let text = "";
    let answers = 0;
    socket.write(request);
    await new Promise<void>((resolve) =>
      socket.on("data", (chunk) => {
        text += chunk.toString();
        if (!text.endsWith("\r\n0\r\n\r\n")) return;
        text = "";
        if (++answers === 3) resolve();
        else socket.write(request);
      }),
    );
    socket.destroy();
    expect(simulator.truth()).toHaveLength(3);
  });

  test("hands each entry over as it ends", async () => {
    const entries: TruthEntry[] = [];
    const simulator = await start({ onRequest: (entry) => entries.push(entry), keepEntries: 1 });
    await ask(simulator, "openai");
    await ask(simulator, "anthropic");
    expect(entries.map((entry) => entry.protocol)).toEqual(["openai", "anthropic"]);
    expect(simulator.truth()).toEqual(entries.slice(1));
  });

  test("says what each SDK calls its base URL", async () => {
    const simulator = await start();
    expect(simulator.origin).toBe(`http://127.0.0.1:${simulator.port}`);
    expect(simulator.baseUrls).toEqual({
      openai: `${simulator.origin}/v1`,
      "openai-responses": `${simulator.origin}/v1`,
      anthropic: simulator.origin,
      google: simulator.origin,
      ollama: simulator.origin,
    });
  });

  test("breaks off what is running when it is closed, and frees the port", async () => {
    const entries: TruthEntry[] = [];
    const simulator = await startSimulator({ scenario: { gapMs: 60_000 }, onRequest: (entry) => entries.push(entry) });
    const body = JSON.stringify(REQUESTS.openai("sim").body);
    const socket = connect(simulator.port, "127.0.0.1");
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: sim\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await new Promise((resolve) => socket.once("data", resolve));
    await simulator.close();
    expect(entries).toEqual([expect.objectContaining({ outcome: "aborted", status: 200 })]);
    const again = await start({ port: simulator.port });
    expect(again.port).toBe(simulator.port);
  });

  test("refuses a taken port in words", async () => {
    const simulator = await start();
    await expect(startSimulator({ port: simulator.port })).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      message: expect.stringContaining(String(simulator.port)),
    });
  });

  test("speaks TLS with the certificate that it is given, and refuses a bad one", async () => {
    const [key, cert] = ["key", "cert"].map((name) => readFileSync(new URL(`tls/${name}.pem`, import.meta.url), "utf8"));
    if (key === undefined || cert === undefined) throw new Error("The test certificate is missing.");
    const simulator = await start({ tls: { key, cert } });
    const { path, body } = REQUESTS.openai("sim");
    const reply = await send(simulator.origin.replace("127.0.0.1", "localhost") + path, { body, ca: cert });
    expect(simulator.origin).toMatch(/^https:/);
    expect(sseData(reply.text).at(-1)).toBe("[DONE]");
    await expect(startSimulator({ tls: { key: cert, cert: key } })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("a fault that is asked for by name", () => {
  const STATUS_FAULTS = ["401", "404", "429", "500", "529"] as const;

  test.each(STATUS_FAULTS)("%s is that status, in each provider's shape", async (fault) => {
    const simulator = await start();
    const shapes: unknown[] = [];
    for (const protocol of PROTOCOLS) {
      const reply = await ask(simulator, protocol, modelOfFault(fault));
      expect(reply.status).toBe(Number(fault));
      shapes.push(JSON.parse(reply.text));
    }
    const message = expect.any(String);
    expect(shapes).toEqual([
      { error: { message, type: message, param: null, code: fault === "500" ? null : message } },
      { error: { message, type: message, param: null, code: fault === "500" ? null : message } },
      { type: "error", error: { type: expect.stringMatching(/_error$/), message }, request_id: message },
      { error: expect.objectContaining({ code: Number(fault), message, status: expect.stringMatching(/^[A-Z_]+$/) }) },
      { error: message },
    ]);
    for (const entry of await truthOf(simulator, 5))
      expect(entry).toMatchObject({ outcome: "error", fault, status: Number(fault), chunks: 0, outputTokens: 0 });
  });

  test("429 says how long to wait, as each provider says it", async () => {
    const simulator = await start({ scenario: { retryAfterMs: 1_500 } });
    const model = modelOfFault("429");
    expect((await ask(simulator, "openai", model)).headers).toMatchObject({ "retry-after": "2", "retry-after-ms": "1500" });
    expect((await ask(simulator, "anthropic", model)).headers).toMatchObject({ "retry-after": "2" });
    expect(JSON.parse((await ask(simulator, "google", model)).text).error.details[1]).toEqual({
      "@type": "type.googleapis.com/google.rpc.RetryInfo",
      retryDelay: "1.5s",
    });
  });

  test("404 comes from Google as a document labelled as an event stream", async () => {
    const reply = await ask(await start(), "google", modelOfFault("404"));
    expect(reply.headers["content-type"]).toBe("text/event-stream");
  });

  test("a blocked prompt is status 400 at OpenAI", async () => {
    const simulator = await start();
    const reply = await ask(simulator, "openai", modelOfFault("blocked"));
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text).error).toMatchObject({ code: "content_filter", innererror: { code: "ResponsibleAIPolicyViolation" } });
    expect((await truthOf(simulator))[0]).toMatchObject({ outcome: "filtered", fault: "blocked" });
  });

  test.each([
    ["error", "openai", "error", 3],
    ["broken-json", "openai", "error", 3],
    ["refusal", "openai", "refused", 6],
    ["filtered", "openai", "filtered", 3],
    ["length", "openai", "truncated", 6],
    ["slow-headers", "openai", "ok", 6],
    ["huge-event", "openai", "ok", 6],
    ["html", "openai", "error", 0],
    ["garbage", "openai", "error", 0],
    ["empty", "openai", "incomplete", 0],
    ["refusal", "anthropic", "refused", 0],
    ["filtered", "anthropic", "refused", 3],
    ["blocked", "anthropic", "refused", 0],
    ["refusal", "google", "filtered", 0],
    ["blocked", "google", "filtered", 0],
  ] as const)("%s at %s is %s after %d chunks, and ends cleanly", async (fault, protocol, outcome, chunks) => {
    const simulator = await start();
    const reply = await ask(simulator, protocol, modelOfFault(fault));
    expect(reply).toMatchObject({ status: 200, cut: false });
    expect((await truthOf(simulator))[0]).toMatchObject({ outcome, fault, chunks });
  });

  test("cut closes the connection in the middle of the body", async () => {
    const simulator = await start();
    const reply = await ask(simulator, "openai", modelOfFault("cut"));
    expect(reply).toMatchObject({ status: 200, cut: true });
    expect(sseData(reply.text)).toHaveLength(4);
    expect((await truthOf(simulator))[0]).toMatchObject({ outcome: "incomplete", chunks: 3, outputTokens: 3 });
  });

  test("stall sends keep-alives until the client leaves", async () => {
    const simulator = await start();
    const reply = await ask(simulator, "openai", modelOfFault("stall"), { leaveAt: ": keep-alive" });
    expect(reply.cut).toBe(true);
    expect((await truthOf(simulator))[0]).toMatchObject({ outcome: "aborted", fault: "stall", chunks: 3 });
  });

  test("html, garbage and an empty answer are no streams", async () => {
    const simulator = await start();
    const html = await ask(simulator, "anthropic", modelOfFault("html"));
    expect(html.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(html.text).toContain("<!doctype html>");
    expect((await ask(simulator, "google", modelOfFault("garbage"))).body).toHaveLength(4_096);
    expect((await ask(simulator, "ollama", modelOfFault("empty"))).body).toHaveLength(0);
    const broken = await ask(simulator, "openai-responses", modelOfFault("broken-json"));
    expect(() => sseData(broken.text)).toThrow(SyntaxError);
  });

  test("huge headers and a huge event are as huge as the scenario says", async () => {
    const simulator = await start();
    const { path, body } = REQUESTS.openai(modelOfFault("huge-headers"));
    await expect(send(simulator.origin + path, { body })).rejects.toMatchObject({ code: "HPE_HEADER_OVERFLOW" });
    const reply = await send(simulator.origin + path, { body, maxHeaderBytes: 200_000 });
    expect(reply.headers["x-filling"]).toHaveLength(100_000);
    expect((await ask(simulator, "openai", modelOfFault("huge-event"))).body.length).toBeGreaterThan(200_000);
  });

  /** Ollama, asked twice, has no shape for these. */
  const missing = (fault: string): number => (["refusal", "blocked", "filtered"].includes(fault) ? 2 : 0);

  test("no fault brings the simulator down, in any protocol, streaming or not", async () => {
    const simulator = await start();
    const asked = FAULTS.filter((fault) => fault !== "stall").flatMap((fault) =>
      PROTOCOLS.flatMap((protocol) =>
        [REQUESTS, PLAIN_REQUESTS].map((requests) => ({ fault, ...requests[protocol](modelOfFault(fault)) })),
      ),
    );
    await Promise.all(asked.map(({ path, body, headers }) => send(simulator.origin + path, { body, headers }).catch(() => null)));
    const truth = await truthOf(simulator, asked.length);
    for (const fault of FAULTS)
      expect(truth.filter((entry) => entry.fault === fault)).toHaveLength(
        asked.filter((one) => one.fault === fault).length - missing(fault),
      );
    expect((await ask(simulator, "openai")).status).toBe(200);
  });

  test("a fault that does not exist is an unknown model, and the message lists those that do", async () => {
    const reply = await ask(await start(), "openai", "sim-fault-418");
    expect(reply.status).toBe(404);
    expect(JSON.parse(reply.text).error.message).toContain("429");
  });
});

describe("models", () => {
  test("are listed and described in each provider's shape, and any is accepted", async () => {
    const simulator = await start();
    const get = async (path: string, headers = {}) =>
      JSON.parse((await send(simulator.origin + path, { method: "GET", headers })).text) as unknown;
    expect(await get("/v1/models")).toMatchObject({
      object: "list",
      data: expect.arrayContaining([{ id: "sim", object: "model", created: 1_767_225_600, owned_by: "sim" }]),
    });
    expect(await get("/v1/models/whatever")).toMatchObject({ id: "whatever", object: "model" });
    expect(await get("/v1/models", { "anthropic-version": "2023-06-01" })).toMatchObject({
      has_more: false,
      first_id: "sim",
      data: expect.arrayContaining([expect.objectContaining({ type: "model", id: "sim" })]),
    });
    expect(await get("/v1beta/models")).toMatchObject({
      models: expect.arrayContaining([expect.objectContaining({ name: "models/sim" })]),
    });
    expect(await get("/v1beta/models/x")).toMatchObject({ name: "models/x" });
  });

  test("that are not on the scenario's list do not exist", async () => {
    const simulator = await start({ scenario: { models: ["only"] } });
    const status = async (path: string) => (await send(simulator.origin + path, { method: "GET" })).status;
    expect(await status("/v1/models/only")).toBe(200);
    expect(await status("/v1/models/other")).toBe(404);
    expect((await ask(simulator, "openai", "only")).status).toBe(200);
    expect((await ask(simulator, "openai", "other")).status).toBe(404);
    expect((await ask(simulator, "openai", "sim-fault-500")).status).toBe(500);
  });
});

describe("a client that does wrong", () => {
  test("gets 401 without a key where one is required", async () => {
    const simulator = await start({ scenario: { requireKey: true } });
    const { path, body } = REQUESTS.openai("sim");
    expect((await send(simulator.origin + path, { body })).status).toBe(401);
    expect((await send(simulator.origin + path, { body, headers: { authorization: "Bearer any" } })).status).toBe(200);
    expect((await send(`${simulator.origin}/v1/models`, { method: "GET" })).status).toBe(401);
  });

  test.each([
    ["/v1/chat/completions", "{not json", {}],
    ["/v1/chat/completions", "[]", {}],
    ["/v1/chat/completions", { messages: MESSAGES }, {}],
    ["/v1/chat/completions", { model: "sim" }, {}],
    ["/v1/chat/completions", { model: "x".repeat(300), messages: MESSAGES }, {}],
    ["/v1/responses", { model: "sim" }, {}],
    ["/v1/responses", { input: "x" }, {}],
    ["/v1/messages", { model: "sim", max_tokens: 1, messages: MESSAGES }, {}],
    ["/v1/messages", { model: "sim", messages: MESSAGES }, { "anthropic-version": "2023-06-01" }],
    ["/v1/messages", { max_tokens: 1, messages: MESSAGES }, { "anthropic-version": "2023-06-01" }],
    ["/v1/messages", { model: "sim", max_tokens: 1 }, { "anthropic-version": "2023-06-01" }],
    ["/v1beta/models/sim:generateContent", {}, {}],
    ["/api/chat", { messages: MESSAGES }, {}],
    ["/api/chat", { model: "sim" }, {}],
  ])("gets 400 with an error document: %s %j", async (path, body, headers) => {
    const simulator = await start();
    const reply = await send(simulator.origin + path, { body, headers });
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text)).toHaveProperty("error");
    expect((await truthOf(simulator))[0]).toMatchObject({ outcome: "error", status: 400, fault: null });
  });

  test("gets 404 for an unknown path", async () => {
    const reply = await send(`${(await start()).origin}/v1/embeddings`, { body: {} });
    expect(reply.status).toBe(404);
    expect(JSON.parse(reply.text).error.message).toContain("POST /v1/embeddings");
  });

  test("gets 413 for a body that is too large, and the simulator goes on", async () => {
    const simulator = await start({ maxBodyBytes: 10_000 });
    const { path } = REQUESTS.openai("sim");
    const reply = await send(simulator.origin + path, { body: "x".repeat(20_000) });
    expect(reply.status).toBe(413);
    expect((await ask(simulator, "openai")).status).toBe(200);
  });

  test("does no harm by a prompt that is nested without end", async () => {
    const simulator = await start();
    const depth = 200_000;
    const body = `{"model":"sim","stream":true,"messages":[${"[".repeat(depth)}"four"${"]".repeat(depth)}]}`;
    await send(simulator.origin + REQUESTS.openai("sim").path, { body });
    expect((await truthOf(simulator))[0]).toMatchObject({ outcome: "ok", inputTokens: 1 });
  });

  test("does no harm by leaving in the middle of its request", async () => {
    const simulator = await start();
    const socket = connect(simulator.port, "127.0.0.1");
    socket.write("POST /v1/chat/completions HTTP/1.1\r\nhost: sim\r\ncontent-length: 100\r\n\r\n{", () => socket.destroy());
    await new Promise((resolve) => socket.on("close", resolve));
    expect((await ask(simulator, "openai")).status).toBe(200);
    expect(await truthOf(simulator)).toHaveLength(1);
  });

  test("is counted as gone when it leaves in the middle of the answer", async () => {
    const simulator = await start({ scenario: { outputTokens: 50_000 } });
    await ask(simulator, "openai", "sim", { leaveAt: '"content":" ' });
    const [entry] = await truthOf(simulator);
    expect(entry).toMatchObject({ outcome: "aborted", status: 200, outputTokens: entry?.chunks });
    expect(entry?.chunks).toBeLessThan(50_000);
  });
});
