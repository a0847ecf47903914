import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Delta, ProviderAdapter } from "../../src/adapter.ts";
import { compatibleAdapters } from "../../src/compatible.ts";
import { adapters } from "../../src/registry.ts";
import { errorFromResponse } from "../../src/status.ts";
import { byteByByte, deltasOf, eventsOf, isContent } from "../replay.ts";

/*
 * One suite for all adapters. `fixtures/<adapter>/<case>.sse` (or `.ndjson`) is the body of a stream and `<case>.expected.json` what
 * must come of it; `<case>.json` is a response other than 2xx. All are written by hand after the providers' grammars.
 */

const FIXTURES = join(import.meta.dirname, "../fixtures");

/** What the fixtures of a protocol must show; `declined` is a refusal or a filter. */
const REQUIRED = ["text", "tools", "reasoning", "declined", "error-before", "error-in-stream", "cut"] as const;

/** Protocols that lack one of these, and why. */
const EXCEPTIONS: Readonly<Record<string, readonly (typeof REQUIRED)[number][]>> = {
  // OpenAI does not stream its models' reasoning in chat completions.
  openai: ["reasoning"],
  // Where Cohere's models decline, they do so in plain text.
  cohere: ["declined"],
  // Ollama neither filters, nor is a refusal more to it than text.
  "ollama-native": ["declined"],
};

const PROTOCOLS = adapters.filter((adapter) => !compatibleAdapters.includes(adapter));

interface StreamCase {
  readonly name: string;
  readonly body: Uint8Array;
  readonly expected: unknown;
}

function casesOf(folder: string, extensions: readonly string[]): readonly string[] {
  const path = join(FIXTURES, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path).filter((file) => extensions.includes(extname(file)) && !file.endsWith(".expected.json"));
}

function expectedOf(folder: string, file: string): unknown {
  return JSON.parse(readFileSync(join(FIXTURES, folder, `${file.slice(0, -extname(file).length)}.expected.json`), "utf8"));
}

function streamsOf(folder: string): readonly StreamCase[] {
  return casesOf(folder, [".sse", ".ndjson"]).map((file) => ({
    name: `${folder}/${file}`,
    body: readFileSync(join(FIXTURES, folder, file)),
    expected: expectedOf(folder, file),
  }));
}

/** The delta as the expected files have it: errors by code, usage without the provider's own object. */
function plain(delta: Delta): unknown {
  if (delta.type === "error") return { type: "error", code: delta.error.code, providerType: delta.error.providerType };
  if (delta.type !== "usage") return delta;
  const { raw: _, ...usage } = delta.usage;
  return { type: "usage", usage };
}

function decode(adapter: ProviderAdapter, reads: readonly Uint8Array[]): readonly unknown[] {
  return deltasOf(adapter.createDecoder(), eventsOf(adapter.framing, reads)).map(plain);
}

function mismatchedSplits(adapter: ProviderAdapter, body: Uint8Array, whole: string): readonly number[] {
  const offsets = Array.from({ length: body.length - 1 }, (_, index) => index + 1);
  return offsets.filter((offset) => JSON.stringify(decode(adapter, [body.subarray(0, offset), body.subarray(offset)])) !== whole);
}

describe.each(adapters)("adapter $id", (adapter) => {
  describe.each(streamsOf(adapter.id))("$name", ({ body, expected }) => {
    it("gives the expected deltas", () => {
      expect(decode(adapter, [body])).toEqual(expected);
    });

    it("gives the same byte by byte and split in two at every offset", () => {
      expect(decode(adapter, byteByByte(body))).toEqual(expected);
      expect(mismatchedSplits(adapter, body, JSON.stringify(decode(adapter, [body])))).toEqual([]);
    });

    it("never gives content without text", () => {
      const deltas = deltasOf(adapter.createDecoder(), eventsOf(adapter.framing, [body]));
      expect(deltas.filter((delta) => isContent(delta) && delta.text === "")).toEqual([]);
    });
  });

  it.each(casesOf(adapter.id, [".json"]))(`${adapter.id}/%s: maps the response to an error`, (file) => {
    const { status, headers, body } = JSON.parse(readFileSync(join(FIXTURES, adapter.id, file), "utf8")) as {
      status: number;
      headers: Record<string, string>;
      body: string;
    };
    const error = errorFromResponse(status, headers, body, 0);
    const { code, providerType, retryable, retryAfterMs } = error;
    expect({ code, status: error.status, providerType, retryable, retryAfterMs }).toEqual(expectedOf(adapter.id, file));
  });

  it("starts each stream afresh", () => {
    const first = streamsOf(adapter.id)[0] ?? streamsOf("openai")[0];
    const once = decode(adapter, [first?.body ?? new Uint8Array()]);
    expect(decode(adapter, [first?.body ?? new Uint8Array()])).toEqual(once);
    expect(once).not.toEqual([]);
  });
});

describe.each(compatibleAdapters)("compatible adapter $id", (adapter) => {
  it.each([...streamsOf("openai"), ...streamsOf("openai-compatible")])("reads $name as OpenAI's adapter does", ({ body, expected }) => {
    expect(decode(adapter, [body])).toEqual(expected);
  });
});

describe.each(PROTOCOLS)("fixtures of $id", (adapter) => {
  const names = casesOf(adapter.id, [".sse", ".ndjson", ".json"]).map((file) => file.slice(0, -extname(file).length));

  it.each(REQUIRED.filter((name) => EXCEPTIONS[adapter.id]?.includes(name) !== true))("show %s", (name) => {
    expect(name === "declined" ? names.includes("refusal") || names.includes("filtered") : names.includes(name)).toBe(true);
  });

  it("show a cut stream that does not pass for a whole one", () => {
    const deltas = streamsOf(adapter.id).filter(({ name }) => /\/cut/.test(name));
    expect(deltas.length).toBeGreaterThan(0);
    for (const { body } of deltas) {
      const types = deltasOf(adapter.createDecoder(), eventsOf(adapter.framing, [body])).map(({ type }) => type);
      expect(types).not.toContain("finish");
      expect(types).not.toContain("end");
    }
  });
});
