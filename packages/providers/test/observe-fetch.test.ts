import { AsyncLocalStorage } from "node:async_hooks";
import { Readable } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { RequestRecord } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, it } from "vitest";
import { adapters, findAdapter, observeFetch, type ObserveFetchOptions } from "../src/index.ts";
import { createRecognizer } from "../src/recognize.ts";

const URL_OF_CHAT = "https://api.openai.com/v1/chat/completions";
const REQUEST: RequestInit = { method: "POST", body: JSON.stringify({ model: "small", messages: [] }) };
const SSE = { "content-type": "text/event-stream" };
const MS = 1_000_000;

const chunk = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
const FINISH = `data: ${JSON.stringify({
  choices: [{ delta: {}, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
})}\n\n`;
const ANSWER = [chunk("Hello"), chunk(" world"), FINISH, "data: [DONE]\n\n"];

const bytes = (part: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(part);

/** A body that gives a part whenever it is asked for one, and counts how often it is. */
function createBody(parts: readonly string[], ending: "close" | "hang" | Error = "close") {
  const seen: { pulls: number; cancelled?: unknown } = { pulls: 0 };
  let next = 0;
  const body = new ReadableStream({
    type: "bytes",
    pull(controller) {
      seen.pulls += 1;
      const part = parts[next];
      next += 1;
      if (part !== undefined) controller.enqueue(bytes(part));
      else if (ending === "close") {
        controller.close();
        controller.byobRequest?.respond(0);
      } else if (ending !== "hang") controller.error(ending);
    },
    cancel(reason) {
      seen.cancelled = reason;
    },
  });
  return { body, seen };
}

/** A `fetch` that gives these answers, observed. */
function observed(answer: () => Response | Promise<Response>, options: Partial<ObserveFetchOptions> = {}) {
  const records: RequestRecord[] = [];
  const calls: unknown[][] = [];
  const send = (...call: Parameters<typeof fetch>): Promise<Response> => {
    calls.push(call);
    return Promise.resolve().then(answer);
  };
  const fetch = observeFetch({ fetch: send, onRecord: (record) => records.push(record), ...options });
  return { fetch, records, calls };
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

async function readAll(body: ReadableStream<Uint8Array>): Promise<string> {
  const reader = body.getReader();
  let all = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return all;
    all += Buffer.from(value).toString();
  }
}

async function iterate(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  let all = "";
  for await (const piece of pieces) all += Buffer.from(piece).toString();
  return all;
}

async function readInto(body: ReadableStream<Uint8Array>): Promise<string> {
  const reader = body.getReader({ mode: "byob" });
  let all = "";
  for (;;) {
    const { done, value } = await reader.read(new DataView(new ArrayBuffer(50)));
    if (done) return all;
    all += Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
  }
}

const bodyOf = (response: Response): ReadableStream<Uint8Array> => {
  if (response.body === null) throw new Error("Expected a body.");
  return response.body as ReadableStream<Uint8Array>;
};

/** Every way in which a body can be read whole. */
const WAYS: Readonly<Record<string, (response: Response) => Promise<string>>> = {
  text: (response) => response.text(),
  arrayBuffer: async (response) => Buffer.from(await response.arrayBuffer()).toString(),
  blob: async (response) => (await response.blob()).text(),
  getReader: (response) => readAll(bodyOf(response)),
  "a reader that is let go and taken anew": async (response) => {
    const reader = bodyOf(response).getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    return Buffer.from(value ?? []).toString() + (await readAll(bodyOf(response)));
  },
  "a reader with a buffer of its own": (response) => readInto(bodyOf(response)),
  "for await": (response) => iterate(bodyOf(response)),
  values: (response) => iterate(bodyOf(response).values({ preventCancel: true })),
  pipeThrough: (response) => textOf(bodyOf(response).pipeThrough(new TextDecoderStream())),
  async pipeTo(response) {
    let all = "";
    await bodyOf(response).pipeTo(new WritableStream({ write: (part: Uint8Array) => void (all += Buffer.from(part).toString()) }));
    return all;
  },
  "a stream of Node": (response) => textOf(Readable.fromWeb(bodyOf(response) as Parameters<typeof Readable.fromWeb>[0])),
  "a clone": (response) => response.clone().text(),
  "the original beside its clone": async (response) => {
    const clone = response.clone();
    const all = await response.text();
    expect(await clone.text()).toBe(all);
    return all;
  },
  async tee(response) {
    const [left, right] = bodyOf(response).tee();
    const [one, other] = await Promise.all([readAll(left), iterate(right)]);
    expect(one).toBe(other);
    return one;
  },
  "a clone of a clone": (response) => response.clone().clone().text(),
  "a response around the body": (response) => new Response(bodyOf(response)).text(),
};

/** From Node 26 on, `Readable.fromWeb` reads by a function of Node's own, which nobody can look at. */
const UNSEEN = Number(process.versions.node.split(".")[0]) >= 26 ? ["a stream of Node"] : [];

describe("observeFetch", () => {
  it.each(Object.entries(WAYS).filter(([way]) => !UNSEEN.includes(way)))(
    "sees what is read by %s, and the bytes stay what they are",
    async (_, read) => {
      const { fetch, records } = observed(() => new Response(createBody(ANSWER).body, { headers: SSE }));
      expect(await read(await fetch(URL_OF_CHAT, REQUEST))).toBe(ANSWER.join(""));
      expect(records).toHaveLength(1);
      expect(records[0]).toMatchObject({
        outcome: { kind: "ok", finishReason: "stop" },
        arrivals: { kind: expect.arrayContaining(["text"]) },
        usage: { inputTokens: 3, outputTokens: 2 },
        latenessNs: null,
      });
      expect(sum(records[0]?.arrivals.chars ?? [])).toBe(11);
    },
  );

  it("hands over the arguments and the very response, with nothing added that can be seen", async () => {
    const response = new Response(createBody(ANSWER).body, { headers: SSE });
    const { fetch, calls } = observed(() => response);
    const input = new URL(URL_OF_CHAT);
    const got = await fetch(input, REQUEST);
    expect(got).toBe(response);
    expect(calls).toEqual([[input, REQUEST]]);
    expect(calls[0]?.[0]).toBe(input);
    expect(calls[0]?.[1]).toBe(REQUEST);
    expect(Object.getOwnPropertyNames(got)).toEqual([]);
    expect(Object.getOwnPropertyNames(bodyOf(got))).toEqual([]);
    expect(bodyOf(got)).toBeInstanceOf(ReadableStream);
  });

  it("can be laid over another", async () => {
    const inner = observed(() => new Response(createBody(ANSWER).body, { headers: SSE }));
    const outer: RequestRecord[] = [];
    const fetch = observeFetch({ fetch: inner.fetch, onRecord: (record) => outer.push(record) });
    expect(await (await fetch(URL_OF_CHAT, REQUEST)).clone().text()).toBe(ANSWER.join(""));
    expect([...inner.records, ...outer].map(({ outcome, arrivals }) => [outcome.kind, sum(arrivals.chars)])).toEqual([
      ["ok", 11],
      ["ok", 11],
    ]);
  });

  it.each([
    ["a page of something else", "https://api.openai.com/v1/embeddings", REQUEST, {}],
    ["a request without a body", URL_OF_CHAT, {}, SSE],
    ["an answer of another kind", URL_OF_CHAT, REQUEST, { "content-type": "application/vnd.amazon.eventstream" }],
    ["a chat of one's own that has Ollama's path", "https://example.com/api/chat", REQUEST, SSE],
  ])("does not touch %s", async (_, url, request, headers) => {
    const { fetch, records } = observed(() => new Response(createBody(ANSWER).body, { headers }));
    const response = await fetch(url, request);
    expect(Object.getPrototypeOf(bodyOf(response))).toBe(ReadableStream.prototype);
    expect(await response.text()).toBe(ANSWER.join(""));
    expect(records).toEqual([]);
  });

  it("leaves it to fetch to refuse what is no request", async () => {
    const fetch = observeFetch({ onRecord: () => undefined });
    await expect(fetch("not a url", { method: "POST" })).rejects.toThrow(/Failed to parse URL/);
    await expect(fetch(URL_OF_CHAT, { method: "POST", headers: { "bad name": "x" } })).rejects.toThrow(/header name/);
  });

  it.each([
    ["a reader", (response: Response) => bodyOf(response).getReader().read()],
    ["an iterator", (response: Response) => bodyOf(response).values().next()],
  ])("asks for nothing ahead of %s", async (_, readOne) => {
    const [bare, watched] = [createBody(ANSWER), createBody(ANSWER)];
    await readOne(new Response(bare.body, { headers: SSE }));
    const { fetch } = observed(() => new Response(watched.body, { headers: SSE }));
    const response = await fetch(URL_OF_CHAT, REQUEST);
    expect(watched.seen.pulls).toBe(0);
    await readOne(response);
    await nextTurn();
    expect(watched.seen.pulls).toBe(bare.seen.pulls);
  });

  it("keeps a pipe from being fed faster than it is emptied", async () => {
    const { body, seen } = createBody(ANSWER);
    const { fetch } = observed(() => new Response(body, { headers: SSE }));
    bodyOf(await fetch(URL_OF_CHAT, REQUEST)).pipeThrough(new TransformStream<Uint8Array, Uint8Array>());
    await nextTurn();
    // One for the queue of the transform, which nobody reads.
    expect(seen.pulls).toBe(1);
  });

  it("refuses to pipe what is locked, as a body does", async () => {
    const { fetch } = observed(() => new Response(createBody(ANSWER).body, { headers: SSE }));
    const body = bodyOf(await fetch(URL_OF_CHAT, REQUEST));
    body.getReader();
    await expect(body.pipeTo(new WritableStream())).rejects.toThrow(TypeError);
    expect(() => body.pipeThrough(new TransformStream())).toThrow(TypeError);
  });

  it("records in exact nanoseconds when each read came, counted from the call", async () => {
    const clock = createVirtualClock({ epochMs: 1_000 });
    const wait = (ms: number): Promise<void> => clock.sleepUntil(clock.nowNs() + BigInt(ms * MS));
    let push: (part: string) => void = () => undefined;
    let close = (): void => undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        push = (part) => controller.enqueue(bytes(part));
        close = () => controller.close();
      },
    });
    const { fetch, records } = observed(
      async () => {
        await wait(100);
        return new Response(body, { headers: SSE });
      },
      { clock, label: "mine", labels: { team: "search" } },
    );
    async function write(): Promise<void> {
      for (const part of [": ping\n\n", chunk("Hello"), chunk(" world") + FINISH]) {
        await wait(20);
        push(part);
      }
      await wait(5);
      close();
    }
    const response = await fetch(URL_OF_CHAT, REQUEST);
    await Promise.all([readAll(bodyOf(response)), write()]);
    expect(records).toMatchObject([
      {
        target: { provider: "openai", model: "small", label: "mine", origin: "https://api.openai.com" },
        labels: { team: "search" },
        startedAtMs: 1_000,
        queuedNs: null,
        attempts: [{ startedNs: 0, sentNs: 0, reused: null, headersNs: 100 * MS, firstByteNs: 120 * MS, status: 200, error: null }],
        arrivals: { atNs: [140 * MS, 160 * MS], events: [1, 1], chars: [5, 6] },
        endNs: 165 * MS,
      },
    ]);
  });

  describe("where the caller does not read on", () => {
    const cancelled: Readonly<Record<string, (response: Response) => Promise<unknown>>> = {
      "cancels the reader": async (response) => {
        const reader = bodyOf(response).getReader();
        await reader.read();
        await reader.cancel("enough");
      },
      "leaves the loop": async (response) => {
        for await (const piece of bodyOf(response)) if (piece.length > 0) break;
      },
      "cancels the body": (response) => bodyOf(response).cancel("enough"),
      "cancels both branches": async (response) => {
        const [left, right] = bodyOf(response).tee();
        await Promise.all([left.cancel("enough"), right.cancel("enough")]);
      },
      "cancels the branch that it has read": async (response) => {
        const [left, right] = bodyOf(response).tee();
        const reader = left.getReader();
        await reader.read();
        void reader.cancel("enough");
        await right.cancel("enough");
      },
      "has a pipe that breaks": async (response) => {
        const writable = new WritableStream({
          write: () => {
            throw new Error("full");
          },
        });
        await expect(bodyOf(response).pipeTo(writable)).rejects.toThrow("full");
      },
    };

    it.each(Object.entries(cancelled))("records it as aborted when it %s, and the server is told", async (_, leave) => {
      const { body, seen } = createBody([chunk("a"), chunk("b")], "hang");
      const { fetch, records } = observed(() => new Response(body, { headers: SSE }));
      await leave(await fetch(URL_OF_CHAT, REQUEST));
      expect(records).toMatchObject([{ outcome: { kind: "aborted", error: { code: "ABORTED" } } }]);
      expect(seen).toHaveProperty("cancelled");
    });

    it("still reads the branch that goes on", async () => {
      const { fetch, records } = observed(() => new Response(createBody(ANSWER).body, { headers: SSE }));
      const [left, right] = bodyOf(await fetch(URL_OF_CHAT, REQUEST)).tee();
      void left.cancel();
      expect(await readAll(right)).toBe(ANSWER.join(""));
      expect(records).toMatchObject([{ outcome: { kind: "ok" } }]);
    });

    it("takes what came after the end mark, or did not, for no part of the answer", async () => {
      const { fetch, records } = observed(() => new Response(createBody(ANSWER, "hang").body, { headers: SSE }));
      let all = "";
      for await (const piece of bodyOf(await fetch(URL_OF_CHAT, REQUEST))) {
        all += Buffer.from(piece).toString();
        if (all.includes("[DONE]")) break;
      }
      expect(records).toMatchObject([{ outcome: { kind: "ok" } }]);
    });

    it("has the record a second after the end mark where the body is left open", async () => {
      const clock = createVirtualClock();
      const { fetch, records } = observed(() => new Response(createBody(ANSWER, "hang").body, { headers: SSE }), { clock });
      const reader = bodyOf(await fetch(URL_OF_CHAT, REQUEST)).getReader();
      for (const _ of ANSWER) await reader.read();
      await clock.sleepUntil(clock.nowNs() + 1_000_000_000n);
      expect(records).toMatchObject([{ outcome: { kind: "ok" }, endNs: 0 }]);
    });

    it("records an answer that nobody reads as aborted after five minutes, ended when it began", async () => {
      const clock = createVirtualClock();
      const { fetch, records } = observed(() => new Response(createBody(ANSWER).body, { headers: SSE }), { clock });
      await fetch(URL_OF_CHAT, REQUEST);
      await clock.sleepUntil(299_000_000_000n);
      expect(records).toEqual([]);
      await clock.sleepUntil(301_000_000_000n);
      expect(records).toMatchObject([
        { outcome: { kind: "aborted", error: { code: "ABORTED" } }, attempts: [{ status: 200, firstByteNs: null }], endNs: 0 },
      ]);
    });

    it.each([
      ["in its midst", (body: ReadableStream<Uint8Array>) => body.getReader()],
      ["on a branch", (body: ReadableStream<Uint8Array>) => body.tee()[1].getReader()],
    ])("records an answer that is left %s, without a word, up to where it was read", async (_, open) => {
      const clock = createVirtualClock();
      const { fetch, records } = observed(() => new Response(createBody(ANSWER).body, { headers: SSE }), { clock });
      const reader = open(bodyOf(await fetch(URL_OF_CHAT, REQUEST)));
      await reader.read();
      await clock.sleepUntil(7_000_000_000n);
      await reader.read();
      await clock.sleepUntil(308_000_000_000n);
      expect(records).toMatchObject([{ outcome: { kind: "aborted" }, arrivals: { atNs: [0, 7_000 * MS] }, endNs: 7_000 * MS }]);
    });

    it("waits as long for a silent server as the caller does, and for a caller who takes his time", async () => {
      const clock = createVirtualClock();
      let push: (part: string) => void = () => undefined;
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          push = (part) => controller.enqueue(bytes(part));
        },
      });
      const { fetch, records } = observed(() => new Response(body, { headers: SSE }), { clock });
      const reader = bodyOf(await fetch(URL_OF_CHAT, REQUEST)).getReader();
      const first = reader.read();
      await clock.sleepUntil(3_600_000_000_000n);
      push(chunk("Hello"));
      await first;
      await clock.sleepUntil(3_800_000_000_000n);
      push(FINISH + "data: [DONE]\n\n");
      await reader.read();
      await reader.cancel();
      expect(records).toMatchObject([{ outcome: { kind: "ok" }, arrivals: { atNs: [3_600_000 * MS] }, endNs: 3_800_000 * MS }]);
    });

    it("knows a failure that nobody reads by its status, a second later", async () => {
      const clock = createVirtualClock();
      const { fetch, records } = observed(() => new Response(createBody(["{}"]).body, { status: 503 }), { clock });
      await fetch(URL_OF_CHAT, REQUEST);
      await clock.sleepUntil(1_100_000_000n);
      expect(records).toMatchObject([{ outcome: { kind: "error", error: { code: "OVERLOADED", status: 503 } } }]);
    });

    it("neither keeps the body in memory nor the process from its end, and has the record when the body is gone", async () => {
      const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
      const timersBefore = timers();
      const { fetch, records } = observed(() => new Response(createBody(ANSWER).body, { headers: SSE }));
      const leave = async (): Promise<WeakRef<ReadableStream>> => {
        const body = bodyOf(await fetch(URL_OF_CHAT, REQUEST));
        await body.getReader().read();
        return new WeakRef(body);
      };
      const body = await leave();
      expect(timers()).toBe(timersBefore);
      setFlagsFromString("--expose-gc");
      const collect = runInNewContext("gc") as () => void;
      for (let turn = 0; turn < 50 && records.length === 0; turn += 1) {
        await nextTurn();
        collect();
      }
      expect(body.deref()).toBeUndefined();
      expect(records).toMatchObject([{ outcome: { kind: "aborted" }, arrivals: { chars: [5] } }]);
    });

    it("reads answers of any size", async () => {
      const parts = [
        ...Array.from({ length: 300 }, (_, index) => chunk(`${index}`.repeat(40))),
        chunk("x".repeat(50_000)),
        ...ANSWER.slice(2),
      ];
      const { fetch, records } = observed(() => new Response(createBody(parts).body, { headers: SSE }));
      expect(await (await fetch(URL_OF_CHAT, REQUEST)).text()).toBe(parts.join(""));
      const { arrivals, outcome } = records[0] as RequestRecord;
      expect([outcome.kind, sum(arrivals.events), sum(arrivals.chars)]).toEqual(["ok", 301, 50_000 + 40 * (10 + 180 + 600)]);
    });

    it("knows a failure by its status alone", async () => {
      const answer = (): Response => new Response(createBody(["{}"]).body, { status: 429, headers: { "retry-after": "2" } });
      const { fetch, records } = observed(answer);
      await (await fetch(URL_OF_CHAT, REQUEST)).body?.cancel();
      expect(records).toMatchObject([{ outcome: { kind: "error", error: { code: "RATE_LIMITED", status: 429, retryAfterMs: 2000 } } }]);
    });

    it("does not take a read that its own reader gave up for a failure", async () => {
      const { fetch, records } = observed(() => new Response(createBody([chunk("a")], "hang").body, { headers: SSE }));
      const reader = bodyOf(await fetch(URL_OF_CHAT, REQUEST)).getReader();
      await reader.read();
      const pending = reader.read();
      reader.releaseLock();
      await expect(pending).rejects.toThrow(TypeError);
      expect(records).toEqual([]);
    });
  });

  it("tells of an answer in the asynchronous context of the call, whoever reads it", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const { fetch } = observed(() => new Response(createBody(ANSWER).body, { headers: SSE }), {
      onRecord: () => void seen.push(storage.getStore()),
    });
    const response = await storage.run("the caller's", () => fetch(URL_OF_CHAT, REQUEST));
    await storage.run("the reader's", () => response.text());
    expect(seen).toEqual(["the caller's"]);
  });

  describe("where something fails", () => {
    const fault = (message: string, code: string): Error =>
      Object.assign(new TypeError(message), { cause: Object.assign(new Error(code), { code }) });

    it.each([
      [fault("fetch failed", "ECONNREFUSED"), "error", "CONNECTION_REFUSED"],
      [fault("fetch failed", "UND_ERR_CONNECT_TIMEOUT"), "error", "CONNECT_TIMEOUT"],
      [fault("fetch failed", "UND_ERR_HEADERS_TIMEOUT"), "error", "FIRST_BYTE_TIMEOUT"],
      [fault("fetch failed", "UND_ERR_SOCKET"), "error", "CONNECTION_RESET"],
      [new DOMException("gone", "AbortError"), "aborted", "ABORTED"],
      [new DOMException("late", "TimeoutError"), "error", "TOTAL_TIMEOUT"],
      ["a reason that is no error", "error", "CONNECTION_FAILED"],
    ])("rejects with the same reason where there is no response, and records it: %s", async (reason, kind, code) => {
      const { fetch, records } = observed(() => Promise.reject(reason));
      await expect(fetch(URL_OF_CHAT, REQUEST)).rejects.toBe(reason);
      expect(records).toMatchObject([
        { outcome: { kind, error: { code } }, attempts: [{ status: null, error: { code } }], target: { model: "small" } },
      ]);
    });

    it.each([
      [fault("terminated", "UND_ERR_SOCKET"), "incomplete", "STREAM_CUT"],
      [fault("terminated", "UND_ERR_BODY_TIMEOUT"), "error", "IDLE_TIMEOUT"],
      [new DOMException("gone", "AbortError"), "aborted", "ABORTED"],
    ])("rejects with the same reason in mid-stream, and records it: %s", async (reason, kind, code) => {
      const { fetch, records } = observed(() => new Response(createBody(ANSWER.slice(0, 2), reason).body, { headers: SSE }));
      await expect(readAll(bodyOf(await fetch(URL_OF_CHAT, REQUEST)))).rejects.toBe(reason);
      expect(records).toMatchObject([{ outcome: { kind, error: { code } }, arrivals: { chars: [5, 6] } }]);
    });

    it("knows the caller's own reason for an abort by the signal", async () => {
      const controller = new AbortController();
      controller.abort("changed my mind");
      const { fetch, records } = observed(() => Promise.reject(controller.signal.reason as Error));
      await expect(fetch(URL_OF_CHAT, { ...REQUEST, signal: controller.signal })).rejects.toBe("changed my mind");
      expect(records).toMatchObject([{ outcome: { kind: "aborted" } }]);
    });

    it("hides what its own user throws from those who only want their answer", async () => {
      const { fetch } = observed(() => new Response(createBody(ANSWER).body, { headers: SSE }), {
        onRecord() {
          throw new Error("mine");
        },
      });
      expect(await (await fetch(URL_OF_CHAT, REQUEST)).text()).toBe(ANSWER.join(""));
    });

    it("records what an adapter throws as a fault of its own", async () => {
      const broken = {
        ...findAdapter("openai"),
        createDecoder: () => () => {
          throw new Error("a bug");
        },
      };
      const { fetch, records } = observed(() => new Response(createBody(ANSWER).body, { headers: SSE }), { adapters: [broken] });
      expect(await (await fetch(URL_OF_CHAT, REQUEST)).text()).toBe(ANSWER.join(""));
      expect(records).toMatchObject([{ outcome: { kind: "error", error: { code: "INTERNAL" } } }]);
    });

    it("records an answer without a body as one that never came to its end", async () => {
      const { fetch, records } = observed(() => new Response(null));
      await fetch(URL_OF_CHAT, REQUEST);
      expect(records).toMatchObject([{ outcome: { kind: "incomplete", error: { code: "STREAM_UNFINISHED" } } }]);
    });

    it("records a page where an answer should be", async () => {
      const { fetch, records } = observed(() => new Response("<html>", { headers: { "content-type": "text/html" } }));
      await (await fetch(URL_OF_CHAT, REQUEST)).text();
      expect(records).toMatchObject([{ outcome: { error: { code: "NOT_A_STREAM" } } }]);
    });

    it("keeps no key that a server repeats, wherever the request had it", async () => {
      const said = "wrong keys: key-in-header, key-in-query, key-of-google";
      const answer = (): Response => Response.json({ error: { message: said } }, { status: 401 });
      const { fetch, records } = observed(answer);
      const headers = { Authorization: "Bearer key-in-header", "x-goog-api-key": "key-of-google" };
      await (await fetch(`${URL_OF_CHAT}?key=key-in-query`, { ...REQUEST, headers })).text();
      expect(records[0]?.outcome.error?.message).toContain("wrong keys: [key], [key], [key]");
      expect(records[0]?.attempts[0]?.error?.message).toContain("wrong keys: [key], [key], [key]");
    });
  });

  it("takes the model from the answer where the request does not tell it, and reads what fetch has unpacked", async () => {
    const document = { model: "small-2026", choices: [{ message: { content: "Hi" }, finish_reason: "stop" }] };
    const { fetch, records } = observed(() => Response.json(document, { headers: { "content-encoding": "gzip" } }));
    await (await fetch(new Request(URL_OF_CHAT, { method: "POST", body: "{}" }))).json();
    expect(records).toMatchObject([
      { target: { model: "small-2026", label: "openai:small-2026" }, outcome: { kind: "ok" }, arrivals: { kind: ["text"], chars: [2] } },
    ]);
  });

  it.each([
    ["an object", { "X-Stainless-Retry-Count": "2" }],
    ["a list", [["x-stainless-retry-count", "2"]] as [string, string][]],
    ["Headers", new Headers({ "x-stainless-retry-count": "2" })],
  ])("labels what the headers, as %s, call a retry", async (_, headers) => {
    const { fetch, records } = observed(() => new Response(null), { labels: { team: "search" } });
    await fetch(URL_OF_CHAT, { ...REQUEST, headers });
    expect(records[0]?.labels).toEqual({ team: "search", retry: "2" });
  });

  it("reads the refusals, summaries and calls of a response in one piece", async () => {
    const output = [
      { type: "reasoning", summary: [{ type: "summary_text", text: "Hm." }], content: [{ type: "reasoning_text", text: "Well." }] },
      { type: "custom_tool_call", name: "run", input: "ls" },
      { type: "message", content: [{ type: "refusal", refusal: "No." }] },
      { type: "unheard_of" },
    ];
    const usage = { input_tokens: 4, output_tokens: 9 };
    const document = { object: "response", status: "completed", model: "m", output, usage, error: null };
    const { fetch, records } = observed(() => Response.json(document));
    await (await fetch("https://api.openai.com/v1/responses", REQUEST)).json();
    expect(records).toMatchObject([
      { outcome: { kind: "refused" }, arrivals: { kind: ["refusal"], chars: [13], events: [4] }, usage: { outputTokens: 9 } },
    ]);
  });

  it("reads the thoughts, plans and calls of a Cohere answer in one piece", async () => {
    const message = {
      role: "assistant",
      tool_plan: "Look.",
      content: [
        { type: "thinking", thinking: "Hm." },
        { type: "text", text: "Yes." },
      ],
      tool_calls: [{ id: "1", type: "function", function: { name: "look_up", arguments: "{}" } }],
    };
    const usage = { tokens: { input_tokens: 20, output_tokens: 9 }, billed_units: { input_tokens: 5, output_tokens: 7 } };
    const { fetch, records } = observed(() => Response.json({ id: "1", finish_reason: "TOOL_CALL", message, usage }));
    await (await fetch("https://api.cohere.com/v2/chat", REQUEST)).json();
    expect(records).toMatchObject([
      { outcome: { kind: "ok" }, arrivals: { kind: ["text"], chars: [21], events: [4] }, usage: { inputTokens: 20, outputTokens: 7 } },
    ]);
  });

  it("says of a response that goes on in the background that it is not complete", async () => {
    const { fetch, records } = observed(() => Response.json({ object: "response", status: "queued", output: [], error: null }));
    await (await fetch("https://api.openai.com/v1/responses", REQUEST)).json();
    expect(records).toMatchObject([{ outcome: { kind: "incomplete", error: { code: "STREAM_UNFINISHED" } } }]);
  });
});

describe("createRecognizer", () => {
  it.each([
    ["https://api.openai.com/v1/chat/completions", "openai", null],
    ["https://api.groq.com/openai/v1/chat/completions", "groq", null],
    ["https://openrouter.ai/api/v1/chat/completions", "openrouter", null],
    ["http://127.0.0.1:8000/v1/chat/completions", "vllm", null],
    ["http://localhost:9999/v1/chat/completions", "openai-compatible", null],
    ["https://mine.openai.azure.com/openai/deployments/fast/chat/completions?api-version=1", "azure", "fast"],
    ["https://api.openai.com/v1/responses", "openai-responses", null],
    ["https://mine.openai.azure.com/openai/responses?api-version=1", "openai-responses", null],
    ["https://api.anthropic.com/v1/messages?beta=true", "anthropic", null],
    [
      "https://x-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/anthropic/models/claude:streamRawPredict",
      "anthropic",
      "claude",
    ],
    ["https://generativelanguage.googleapis.com/v1beta/models/gemini-4:streamGenerateContent?alt=sse", "google", "gemini-4"],
    [
      "https://x-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/gemini-4:generateContent",
      "google",
      "gemini-4",
    ],
    ["https://api.cohere.com/v2/chat", "cohere", null],
    ["http://127.0.0.1:11434/api/chat", "ollama-native", null],
    ["http://127.0.0.1:11434/api/generate", "ollama-native", null],
  ])("knows %s as %s", (url, id, model) => {
    const found = createRecognizer(adapters)(url);
    expect([found?.adapter.id, found?.model]).toEqual([id, model]);
  });

  it.each([
    "https://api.openai.com/v1/embeddings",
    "https://example.com/messages",
    "https://example.com/responses",
    "https://example.com/",
  ])("does not know %s", (url) => {
    expect(createRecognizer(adapters)(url)).toBeNull();
  });

  it("is not misled by what it remembers", () => {
    const recognize = createRecognizer(adapters);
    const [chat, other] = ["https://api.openai.com/v1/chat/completions", "https://api.groq.com/openai/v1/chat/completions"];
    const ids = [chat, chat, "no url", other, chat].map((url) => recognize(url)?.adapter.id);
    expect(ids).toEqual(["openai", "openai", undefined, "groq", "openai"]);
  });

  it("holds to the adapters that it is given", () => {
    const url = "https://example.com/v1/chat/completions";
    expect(createRecognizer([findAdapter("groq")])(url)?.adapter.id).toBe("groq");
    expect(createRecognizer([findAdapter("anthropic")])(url)).toBeNull();
  });
});
