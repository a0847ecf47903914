import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TokenUsage } from "@lens/core";
import { describe, expect, it } from "vitest";
import type { Delta, StreamEvent } from "../src/adapter.ts";
import { createFramer } from "../src/framing.ts";
import { findAdapter } from "../src/registry.ts";
import { errorFromResponse } from "../src/status.ts";
import { byteByByte, deltasOf, eventsOf, isContent } from "./replay.ts";

/** Real streams with what must come out of them. They are other people's, so they lie beside the checkout and not in it. */
const folder = process.env.LENS_CAPTURES ?? join(import.meta.dirname, "../../../../shared/captures");
const isPresent = existsSync(join(folder, "manifest.json"));

interface ToolCall {
  readonly name?: string;
  readonly arguments?: string;
  readonly args?: unknown;
}

interface Expected {
  readonly data_events?: number;
  readonly done_sentinel?: boolean;
  readonly text?: string;
  readonly text_deltas?: number;
  readonly refusal?: string;
  readonly refusal_deltas?: number;
  readonly reasoning_text_chars?: number;
  readonly reasoning_deltas?: number;
  readonly tool_calls?: readonly ToolCall[];
  readonly tool_arg_deltas?: number;
  readonly finish?: string;
  readonly usage?: unknown;
  readonly usage_at_start?: unknown;
  readonly usage_first?: unknown;
  readonly error?: { readonly message: string };
  readonly first_output_event_index?: number;
  readonly first_text_event_index?: number;
  readonly model?: string;
  readonly service_tier?: string;
  readonly timings?: { readonly prompt_ms: number; readonly predicted_ms: number; readonly predicted_per_token_ms: number };
  readonly x_groq_usage?: {
    readonly queue_time: number;
    readonly prompt_time: number;
    readonly completion_time: number;
    readonly total_time: number;
  };
}

interface Capture {
  readonly file: string;
  readonly http_status: number;
  readonly expected: Expected;
}

const captures: readonly Capture[] = isPresent
  ? (JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as { fixtures: Capture[] }).fixtures
  : [];
const streams = captures.filter(({ file }) => !file.endsWith(".json"));

const PROVIDERS: readonly (readonly [RegExp, string])[] = [
  [/^openai\/responses/, "openai-responses"],
  [/^openai\/azure/, "azure"],
  [/^openai\//, "openai"],
  [/^anthropic\//, "anthropic"],
  [/^google\//, "google"],
  [/ollama-generate/, "ollama-native"],
  [/openrouter/, "openrouter"],
  [/llamacpp/, "llamacpp"],
  [/groq/, "groq"],
  [/deepseek/, "deepseek"],
];

function adapterOf(file: string) {
  const id = PROVIDERS.find(([pattern]) => pattern.test(file))?.[1];
  if (id === undefined) throw new Error(`No adapter is named for ${file}`);
  return findAdapter(id);
}

function textOf(deltas: readonly Delta[], type: Delta["type"]): readonly string[] {
  return deltas.filter(isContent).flatMap((delta) => (delta.type === type ? [delta.text] : []));
}

function usagesOf(deltas: readonly Delta[]): readonly Partial<TokenUsage>[] {
  return deltas.flatMap((delta) => (delta.type === "usage" ? [delta.usage] : []));
}

/** What the deltas say, in the manifest's words, for the fields that the manifest has. */
function summarize(perEvent: readonly (readonly Delta[])[], expected: Expected): Expected {
  const deltas = perEvent.flat();
  const finishes = deltas.flatMap((delta) => (delta.type === "finish" ? [delta.raw] : []));
  const errors = deltas.flatMap((delta) => (delta.type === "error" ? [delta.error] : []));
  const replies = Object.assign({}, ...deltas.flatMap((delta) => (delta.type === "reply" ? [delta.reply] : []))) as {
    model?: string;
    serviceTier?: string;
  };
  const names = new Set(expected.tool_calls?.map(({ name }) => name));
  const all: Record<string, unknown> = {
    data_events: perEvent.length,
    done_sentinel: deltas.some(({ type }) => type === "end"),
    text: textOf(deltas, "text").join(""),
    text_deltas: textOf(deltas, "text").length,
    refusal: textOf(deltas, "refusal").join(""),
    refusal_deltas: textOf(deltas, "refusal").length,
    reasoning_text_chars: textOf(deltas, "reasoning").join("").length,
    reasoning_deltas: textOf(deltas, "reasoning").length,
    // A chat-completion chunk that only names the call is output too, but no argument.
    tool_arg_deltas: textOf(deltas, "tool").filter((text) => !names.has(text)).length,
    // The Responses API's word is the response's status; the manifest has the event's type.
    finish: finishes.at(-1) === "completed" ? "response.completed" : finishes.at(-1),
    usage: usagesOf(deltas).at(-1)?.raw,
    usage_at_start: usagesOf(deltas)[0]?.raw,
    usage_first: usagesOf(deltas)[0]?.raw,
    first_output_event_index: perEvent.findIndex((event) => event.some(isContent)),
    first_text_event_index: perEvent.findIndex((event) => event.some(({ type }) => type === "text")),
    model: replies.model,
    service_tier: replies.serviceTier,
    error: errors.length === 0 ? undefined : expected.error,
  };
  return Object.fromEntries(Object.keys(expected).flatMap((key) => (key in all ? [[key, all[key]]] : [])));
}

const COMPARED_APART = [
  "tool_calls",
  "timings",
  "x_groq_usage",
  "comment_lines",
  "empty_text_deltas",
  "pings",
  "blocks",
  "signature_deltas",
];

/** Every way to cut the body in two, each compared event by event with the whole. */
function mismatchedSplits(framing: "sse" | "ndjson", body: Uint8Array, whole: readonly StreamEvent[]): readonly number[] {
  const mismatched: number[] = [];
  for (let offset = 1; offset < body.length; offset += 1) {
    let index = 0;
    let isSame = true;
    const framer = createFramer(framing, ({ name, data }) => {
      const expected = whole[index];
      index += 1;
      isSame &&= expected !== undefined && expected.name === name && expected.data === data;
    });
    framer.feed(body.subarray(0, offset));
    framer.feed(body.subarray(offset));
    framer.end();
    if (!isSame || index !== whole.length) mismatched.push(offset);
  }
  return mismatched;
}

/** Cuts a long body after every tenth event: between events the framer holds nothing, so that splits of the parts are splits of the whole. */
function partsOf(body: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let start = 0;
  let ends = 0;
  for (let offset = 1; offset < body.length; offset += 1) {
    if (body[offset] !== 10 || body[offset - 1] !== 10) continue;
    ends += 1;
    if (ends % 10 !== 0) continue;
    parts.push(body.subarray(start, offset + 1));
    start = offset + 1;
  }
  return [...parts, body.subarray(start)];
}

const LONG_BODY_BYTES = 20_000;

if (!isPresent)
  console.warn(`Captured streams: skipped, since there is no manifest.json in ${folder} (set LENS_CAPTURES to look elsewhere).`);

describe.skipIf(!isPresent)("captured streams", () => {
  it.each(streams)("$file: the adapter finds what the manifest says", ({ file, expected }) => {
    const adapter = adapterOf(file);
    const decode = adapter.createDecoder();
    const perEvent = eventsOf(adapter.framing, [readFileSync(join(folder, file))]).map((event) => decode(event));
    const compared = Object.fromEntries(Object.entries(expected).filter(([key]) => !COMPARED_APART.includes(key)));
    expect(summarize(perEvent, expected)).toEqual(compared);
    // What the manifest does not mention must not be there.
    if (expected.first_output_event_index === undefined) expect(perEvent.flat().filter(isContent)).toEqual([]);
    if (expected.error === undefined) expect(perEvent.flat().filter(({ type }) => type === "error")).toEqual([]);
    if (expected.finish === undefined) expect(perEvent.flat().filter(({ type }) => type === "finish")).toEqual([]);
    if (expected.usage === undefined) expect(usagesOf(perEvent.flat())).toEqual([]);
  });

  it.each(streams.filter(({ expected }) => expected.tool_calls !== undefined))(
    "$file: the tool calls are those of the manifest",
    ({ file, expected }) => {
      const adapter = adapterOf(file);
      const deltas = deltasOf(adapter.createDecoder(), eventsOf(adapter.framing, [readFileSync(join(folder, file))]));
      // Anthropic and Responses announce the name in an event of its own, which is no content.
      const isNamed = adapter.id !== "anthropic" && adapter.id !== "openai-responses";
      const written = expected.tool_calls?.map(
        ({ name = "", arguments: text, args }) => (isNamed ? name : "") + (text ?? JSON.stringify(args)),
      );
      expect(textOf(deltas, "tool").join("")).toBe(written?.join(""));
    },
  );

  it.each(streams.filter(({ expected }) => expected.error !== undefined))(
    "$file: the error is that of the manifest",
    ({ file, expected }) => {
      const adapter = adapterOf(file);
      const deltas = deltasOf(adapter.createDecoder(), eventsOf(adapter.framing, [readFileSync(join(folder, file))]));
      const errors = deltas.flatMap((delta) => (delta.type === "error" ? [delta.error] : []));
      expect(errors).toHaveLength(1);
      expect(errors[0]?.code).toBe("STREAM_ERROR");
      expect(errors[0]?.message).toContain(expected.error?.message);
    },
  );

  it.each(streams.filter(({ expected }) => expected.timings !== undefined || expected.x_groq_usage !== undefined))(
    "$file: the server's timings are read",
    ({ file, expected }) => {
      const adapter = adapterOf(file);
      const deltas = deltasOf(adapter.createDecoder(), eventsOf(adapter.framing, [readFileSync(join(folder, file))]));
      const timings = deltas.flatMap((delta) => (delta.type === "server" ? [delta.timings] : []));
      const { timings: llama, x_groq_usage: groq } = expected;
      if (llama !== undefined)
        expect(timings).toEqual([
          { promptMs: llama.prompt_ms, generationMs: llama.predicted_ms, perTokenMs: llama.predicted_per_token_ms },
        ]);
      if (groq === undefined) return;
      expect(timings).toHaveLength(1);
      expect(timings[0]?.queueMs).toBeCloseTo(groq.queue_time * 1000, 6);
      expect(timings[0]?.promptMs).toBeCloseTo(groq.prompt_time * 1000, 6);
      expect(timings[0]?.generationMs).toBeCloseTo(groq.completion_time * 1000, 6);
      expect(timings[0]?.totalMs).toBeCloseTo(groq.total_time * 1000, 6);
    },
  );

  it.each(streams)("$file: the events are the same byte by byte and split in two at every offset", ({ file }) => {
    const { framing } = adapterOf(file);
    const body = readFileSync(join(folder, file));
    const whole = eventsOf(framing, [body]);
    expect(eventsOf(framing, byteByByte(body))).toEqual(whole);
    const parts = body.length > LONG_BODY_BYTES ? partsOf(body) : [body];
    const eventsOfParts = parts.map((part) => eventsOf(framing, [part]));
    expect(eventsOfParts.flat()).toEqual(whole);
    expect(parts.flatMap((part, index) => mismatchedSplits(framing, part, eventsOfParts[index] ?? []))).toEqual([]);
  });

  it("google/blocked-safety-nonstream.json: a blocked answer is filtered, with no content", () => {
    const decode = findAdapter("google").createDecoder();
    const deltas = decode({ name: null, data: readFileSync(join(folder, "google/blocked-safety-nonstream.json"), "utf8") });
    expect(deltas).toContainEqual({ type: "finish", reason: "filtered", raw: "SAFETY" });
    expect(deltas.filter(isContent)).toEqual([]);
  });

  it("google/error-429-retryinfo.json: the wait is that of RetryInfo", () => {
    const error = errorFromResponse(429, {}, readFileSync(join(folder, "google/error-429-retryinfo.json"), "utf8"), 0);
    expect(error).toMatchObject({ code: "RATE_LIMITED", providerType: "RESOURCE_EXHAUSTED", retryable: true, retryAfterMs: 34_400 });
  });

  it("google/synthetic-array-without-alt-sse.json: the error is found inside the array", () => {
    const error = errorFromResponse(400, {}, readFileSync(join(folder, "google/synthetic-array-without-alt-sse.json"), "utf8"), 0);
    expect(error).toMatchObject({ code: "BAD_REQUEST", providerType: "INVALID_ARGUMENT" });
    expect(error.message).toContain("API key not valid");
  });
});
