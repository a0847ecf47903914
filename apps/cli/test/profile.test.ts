import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseRecord, type RequestRecord } from "@lens/core";
import { createPriceBook, phasesOf, type Report } from "@lens/metrics";
import { startSimulator } from "@lens/sim";
import { describe, expect, test } from "vitest";
import { renderProfile } from "../src/profile-view.ts";
import { renderWaterfall } from "../src/waterfall.ts";
import { lens, QUICK } from "./fake-io.ts";

const MS = 1e6;

/** A request with every phase: 2 ms to connect, headers at 50, reasoning at 60, text from 100 to 140, end at 150. */
const RECORD: RequestRecord = {
  schema: 1,
  id: "r000000",
  target: { provider: "openai", model: "gpt-x", label: "openai:gpt-x", origin: "https://api.example.com" },
  phase: "measured",
  labels: {},
  startedAtMs: 0,
  queuedNs: null,
  attempts: [
    {
      startedNs: 0,
      sentNs: 10 * MS,
      reused: false,
      dnsNs: 3 * MS,
      connectNs: 2 * MS,
      tlsNs: 5 * MS,
      headersNs: 50 * MS,
      firstByteNs: 51 * MS,
      status: 200,
      error: null,
    },
  ],
  arrivals: {
    atNs: [60 * MS, 100 * MS, 120 * MS, 140 * MS],
    kind: ["reasoning", "text", "text", "text"],
    events: [1, 1, 1, 1],
    chars: [4, 4, 4, 4],
  },
  reasoningForm: "full",
  endNs: 150 * MS,
  usage: { inputTokens: 9, cacheReadTokens: 4, cacheWriteTokens: null, outputTokens: 5, reasoningTokens: 1, raw: {} },
  usageSource: "reported",
  server: { queueMs: 1, loadMs: null, promptMs: 40, generationMs: 80, totalMs: null, perTokenMs: 19, ttftMs: null, processingMs: null },
  reply: {
    model: "gpt-x-2026",
    requestId: "req_1",
    serviceTier: "default",
    costUsd: 0.00123,
    rateLimit: { "x-ratelimit-limit-requests": "10" },
  },
  outcome: { kind: "ok", finishReason: "stop", error: null },
  latenessNs: 120_000,
};

const view = (record: RequestRecord, explain = false): string =>
  renderProfile(record, { cost: createPriceBook().price(record), color: false, explain });

describe("profile", () => {
  test("shows one request in depth on standard output", async () => {
    const { code, out, err } = await lens("prof sim:x");
    expect(code).toBe(0);
    expect(err).toBe("");
    for (const word of [
      "sim:x",
      "HTTP 200",
      "fresh connection",
      "ok (stop)",
      "connect",
      "TTFB",
      "TTFT",
      "TTFO",
      "E2E",
      "TPOT",
      "chunk gaps",
      "unpriced",
    ])
      expect(out).toContain(word);
    expect(out).toContain("output 4; reported");
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("gives report and record as JSON", async () => {
    const { out, io } = await lens("prof --json --records r.jsonl");
    const result = JSON.parse(out) as Report & { readonly record: unknown };
    expect(result.groups[0]).toMatchObject({ requests: 1, outcomes: { ok: 1 }, tokens: { output: 4 } });
    expect(result.run).toMatchObject({ mode: "single", command: "lens profile sim" });
    expect(parseRecord(result.record).arrivals.atNs.length).toBeGreaterThan(0);
    expect(JSON.parse(await readFile(join(io.cwd, "r.jsonl"), "utf8"))).toEqual(result.record);
  });

  test("--stream shows the answer on standard error as it comes, and --stream-to stdout turns the two round", async () => {
    const plain = await lens("prof sim:");
    const streamed = await lens("prof sim: --stream");
    const turned = await lens("prof sim: --stream-to stdout");
    const [answer] = streamed.err.split("\n");
    expect(answer?.split(" ").length).toBeGreaterThanOrEqual(4);
    expect(turned.out).toBe(`${answer}\n`);
    expect(turned.err).toContain("TTFT");
    expect(plain.err).toBe("");
  });

  test("a failed request is told on standard error, with nothing on standard output where nothing came", async () => {
    const { code, out, err } = await lens("prof sim:sim-fault-html");
    expect(err).toMatch(/^lens: NOT_A_STREAM: .*\n$/);
    expect([code, out]).toEqual([3, ""]);
  });

  test("a stream that breaks off is still shown as far as it came", async () => {
    const { code, out, err } = await lens("prof sim:sim-fault-cut");
    expect(out).toContain("STREAM_CUT");
    expect(err).toMatch(/^lens: STREAM_CUT: /);
    expect(code).toBe(3);
  });

  test("reads prompts from flags, files and standard input, and keeps them to itself", async () => {
    const simulator = await startSimulator({ scenario: QUICK });
    const target = `prof openai:m --base-url ${simulator.baseUrls.openai} --json`;
    const long = "canary ".repeat(100);
    const { out } = await lens(`${target} --prompt-file -`, { stdin: long });
    await simulator.close();
    const report = JSON.parse(out) as Report;
    expect(report.groups[0]?.tokens.input).toBeGreaterThan(100);
    expect(report.run.options).toMatchObject({ promptChars: 700 });
    expect(out).not.toContain("canary");
  });
});

describe("the view of a request", () => {
  test("has a phase for every stretch of its time, in order and without a hole", () => {
    const phases = phasesOf(RECORD).map(({ name, fromNs, toNs }) => [name, fromNs / MS, toNs / MS]);
    expect(phases).toEqual([
      ["dns", 0, 3],
      ["connect", 3, 5],
      ["tls", 5, 10],
      ["wait for headers", 10, 50],
      ["wait for body", 50, 51],
      ["wait for token", 51, 60],
      ["reasoning", 60, 100],
      ["text", 100, 140],
      ["end", 140, 150],
    ]);
  });

  test("has a phase for each earlier try, and says so where no connection came about", () => {
    const [attempt] = RECORD.attempts;
    if (attempt === undefined) throw new Error("Expected an attempt.");
    const error = { code: "RATE_LIMITED", message: "", status: 429, providerType: null, retryable: true, retryAfterMs: null } as const;
    const retried = {
      ...RECORD,
      attempts: [
        { ...attempt, error },
        { ...attempt, startedNs: 7 * MS, sentNs: 10 * MS, dnsNs: null, connectNs: null, tlsNs: null },
      ],
    };
    expect(phasesOf(retried).slice(0, 2)).toEqual([
      { name: "try 1: RATE_LIMITED", fromNs: 0, toNs: 7 * MS },
      { name: "wait for headers", fromNs: 10 * MS, toNs: 50 * MS },
    ]);
    const dead = { ...RECORD, attempts: [{ ...attempt, sentNs: null, dnsNs: 3 * MS, connectNs: null, tlsNs: null }] };
    expect(phasesOf(dead).at(-1)).toEqual({ name: "no connection", fromNs: 3 * MS, toNs: 150 * MS });
  });

  test("shows what the server says of itself beside what was measured", () => {
    const text = view(RECORD);
    expect(text).toContain("server says   queue 1.00 ms, prompt 40.0 ms, generation 80.0 ms");
    expect(text).toContain("server TPOT   19.0 ms; measured here 20.0 ms (+5.3 %)");
    expect(text).toContain("tokens        input 9 (4 cached), output 5 (1 reasoning); reported");
    expect(text).toContain("cost          unpriced; the provider says $0.00123");
    expect(text).toContain("model         gpt-x-2026 (asked for gpt-x)");
    expect(text).toContain("instrument    stamps are at most 120 µs late");
    expect(text).toContain("TTFT          50.0 ms");
    expect(text).toContain("TTFO          90.0 ms");
  });

  test("says what is not known instead of guessing", () => {
    const bare = {
      ...RECORD,
      usage: null,
      usageSource: "none",
      server: null,
      latenessNs: null,
      arrivals: { atNs: [], kind: [], events: [], chars: [] },
    } as const;
    const text = view(bare);
    expect(text).toContain("TTFT          n/a");
    expect(text).toContain("usage not reported");
    expect(text).toContain("lateness was not observed");
    expect(text).not.toContain("server says");
  });

  test("lets nothing that a server says act on the terminal", () => {
    const hostile = { ...RECORD, reply: { ...RECORD.reply, requestId: "\u001b[2Jx\u0007" }, target: { ...RECORD.target, model: "m" } };
    // eslint-disable-next-line no-control-regex
    expect(view(hostile)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test("explains its figures where asked", () => {
    expect(view(RECORD, true)).toContain("ttft: Time to first token");
  });

  test("draws each phase as a bar within 80 columns, and none as nothing", () => {
    const lines = renderWaterfall(
      [
        { name: "a", fromNs: 0, toNs: 90 },
        { name: "b", fromNs: 90, toNs: 90 },
        { name: "c", fromNs: 90, toNs: 100 },
      ],
      (bar) => bar,
    );
    expect(lines.map((line) => line.slice(34))).toEqual(["█".repeat(32), `${" ".repeat(32)}▏`, `${" ".repeat(32)}████`]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
