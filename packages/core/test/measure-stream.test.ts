import { createVirtualClock, type VirtualClock } from "@lens/core/testing";
import { describe, expect, it } from "vitest";
import { measureStream } from "../src/index.ts";

async function* words(clock: VirtualClock, plan: readonly (readonly [number, string])[]): AsyncGenerator<string> {
  for (const [afterNs, word] of plan) {
    await clock.sleepUntil(clock.nowNs() + BigInt(afterNs));
    yield word;
  }
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const chunk of stream) all.push(chunk);
  return all;
}

describe("measureStream", () => {
  it("passes the chunks on and says when each came", async () => {
    const clock = createVirtualClock({ startNs: 500n });
    const stream = measureStream(
      words(clock, [
        [200, "a"],
        [20, "b"],
        [30, "c"],
      ]),
      { clock },
    );
    expect(await collect(stream)).toEqual(["a", "b", "c"]);
    expect(stream.timing()).toEqual({ firstNs: 200, lastNs: 250, endNs: 250, arrivalsNs: [200, 220, 250] });
  });

  it("does not count chunks without content", async () => {
    const clock = createVirtualClock();
    const stream = measureStream(
      words(clock, [
        [10, ""],
        [90, "hello"],
      ]),
      { clock },
    );
    await collect(stream);
    expect(stream.timing().firstNs).toBe(100);
  });

  it("reads SDK chunks by a function of the caller's", async () => {
    const clock = createVirtualClock();
    async function* chunks() {
      await clock.sleepUntil(5n);
      yield { delta: "", thought: "hm" };
      await clock.sleepUntil(9n);
      yield { delta: "ok", thought: "" };
      yield null;
    }
    const stream = measureStream(chunks(), {
      clock,
      target: { provider: "openai", model: "m" },
      labels: { suite: "nightly" },
      read: (chunk) =>
        chunk === null
          ? { text: "", usage: { outputTokens: 2 } }
          : chunk.thought === ""
            ? chunk.delta
            : { kind: "reasoning", text: chunk.thought },
    });
    await collect(stream);
    expect(stream.record()).toMatchObject({
      target: { provider: "openai", model: "m", label: "openai:m", origin: null },
      labels: { suite: "nightly" },
      arrivals: { atNs: [5, 9], kind: ["reasoning", "text"], events: [1, 1], chars: [2, 2] },
      reasoningForm: "full",
      usage: { outputTokens: 2, inputTokens: null },
      usageSource: "reported",
      outcome: { kind: "ok" },
      latenessNs: null,
    });
  });

  it("counts every chunk that is no string as content unless told how to read it, and skips what the reader calls null", async () => {
    async function* objects() {
      yield { n: 1 };
      yield { n: 2 };
    }
    const plain = measureStream(objects());
    await collect(plain);
    expect(plain.timing().arrivalsNs).toHaveLength(2);
    const skipped = measureStream(objects(), { read: ({ n }) => (n === 1 ? null : "x") });
    await collect(skipped);
    expect(skipped.timing().arrivalsNs).toHaveLength(1);
  });

  it("times the request too when it is given a function that makes it", async () => {
    const clock = createVirtualClock();
    const stream = measureStream(
      async () => {
        await clock.sleepUntil(40n);
        return words(clock, [[2, "a"]]);
      },
      { clock },
    );
    await collect(stream);
    expect(stream.timing().firstNs).toBe(42);
  });

  it("passes errors on, and records them", async () => {
    async function* broken() {
      yield "a";
      throw new RangeError("cut");
    }
    const stream = measureStream(broken());
    await expect(collect(stream)).rejects.toThrow(RangeError);
    expect(stream.record().outcome).toMatchObject({ kind: "error", error: { code: "STREAM_ERROR", message: "cut" } });
    expect(stream.timing().endNs).not.toBeNull();
  });

  it("closes the source and records an abort when the consumer leaves", async () => {
    let closed = false;
    async function* source() {
      try {
        yield "a";
        yield "b";
      } finally {
        closed = true;
      }
    }
    const stream = measureStream(source());
    expect(stream.timing()).toEqual({ firstNs: null, lastNs: null, endNs: null, arrivalsNs: [] });
    for await (const chunk of stream) if (chunk === "a") break;
    expect(closed).toBe(true);
    expect(stream.record().outcome.kind).toBe("aborted");
  });
});
