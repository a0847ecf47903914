import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startSimulator } from "@lens/sim";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { lens } from "../../apps/cli/test/fake-io.ts";
import { wordsOf } from "../../tooling/test/markdown.ts";

const FOLDER = new URL("../src/", import.meta.url);
const MOST_LINES = 40;

/** Suites, which run in a test runner of theirs: packages/matchers/test/runners.test.ts starts them. */
const SUITES = ["gate-in-jest.cjs", "gate-in-vitest.ts"];

/** A job for GitHub, whose commands are run here. */
const JOB = "latency-gate.yml";

const DURATION = String.raw`\d+(\.\d+)? (ns|µs|ms|s)`;
const lines = (...patterns: readonly string[]): RegExp => new RegExp(`^${patterns.join("\n")}$`);

/** What each example prints. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  "ai-sdk-observed.ts": lines(`openai-responses:gpt-6-luna ok, TTFT ${DURATION}, 20 tokens`, "20 words"),
  "anthropic-observed.ts": lines(
    "end_turn: 30 tokens",
    `anthropic:claude-haiku-5-5: TTFT ${DURATION}, TPOT ${DURATION}`,
    "30 tokens, 10 of them reasoning",
  ),
  "benchmark.ts": /^openai:sim\n[^]+\nrequests +20 · 20 ok\nleft out +4 of warm-up[^]+\nTTFT +ms +20 [^]+\ntokens .* out 200 · /,
  "compare-models.ts": lines(String.raw`TTFT p50: slower by \d+ % \(\d+ % to \d+ %\)`),
  "google-observed.ts": lines(
    "20 words",
    String.raw`questions \(google:gemini-4-flash\): 2 answers, 40 tokens, the quickest after ${DURATION}`,
  ),
  "measure-stream.ts": lines(`first token after ${DURATION}, the end after ${DURATION}`, String.raw`20 pieces, \d+ characters`),
  "metrics-endpoint.ts": lines(
    'llm_requests_total{provider="openai-compatible",model="gpt-6-luna",target="openai-compatible:gpt-6-luna",status="ok"} 2',
    'llm_ttft_seconds_count{provider="openai-compatible",model="gpt-6-luna",target="openai-compatible:gpt-6-luna"} 2',
  ),
  "one-request.ts": lines(
    String.raw`anthropic:claude-haiku-5-5: ok \(end_turn\)`,
    ...["connect", "TTFB   ", "TTFT   ", "longest", "TPOT   ", "E2E    "].map((name) => `${name}  ${DURATION}`),
    String.raw`tokens   \d+ in, 24 out, reported`,
  ),
  "openai-observed.ts": lines(
    `ok: TTFT ${DURATION}, 24 tokens`,
    `ok: TTFT ${DURATION}, 24 tokens`,
    "error: RATE_LIMITED",
    `ok when tried again: TTFT ${DURATION}, 24 tokens`,
    "openai-compatible:gpt-6-luna: 3 ok, 1 failed, 72 tokens",
  ),
  "openai-sdk.ts": lines("20 words, 20 tokens", `TTFT ${DURATION}, TPOT ${DURATION}`),
  // It is a module for the program, whose tests use it.
  "own-exporter.ts": lines(""),
  "own-provider.ts": lines("parrot:grey ok, TTFT 200000000 ns, TPOT 20000000 ns"),
  "prompts-of-a-length.ts": lines(String.raw`20 prompts: asked 400 tokens, sent 400 by estimate, reported \d+`, "cached: 19 of 20"),
  "simulator-in-a-test.ts": lines("2 answers, 3 requests"),
  "traces.ts": lines(String.raw`chat gpt-6-luna: first chunk after \d+ ms`, "GET /answer: begins the trace"),
  "time-async-code.ts": lines(`headers  ${DURATION}`, `body     ${DURATION}`, String.raw`total    ${DURATION} for \d+ characters`),
};

/** As much of a workflow as is read here. */
interface Job {
  readonly jobs: { readonly gate: { readonly steps: readonly { readonly run?: string }[] } };
}

const printed: string[] = [];

beforeEach(() => {
  printed.length = 0;
  vi.spyOn(console, "log").mockImplementation((...words) => void printed.push(words.join(" ")));
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the examples", () => {
  test("are all held by this test", () => {
    expect(readdirSync(FOLDER).toSorted()).toEqual([...Object.keys(PRINTS), ...SUITES, JOB].toSorted());
  });

  test.each(Object.entries(PRINTS))("%s runs, and prints what it says it does", async (name, output) => {
    await import(new URL(name, FOLDER).href);
    expect(printed.join("\n")).toMatch(output);
  });

  test(`${JOB} measures, judges and keeps its reports`, async () => {
    const { jobs } = parse(readFileSync(new URL(JOB, FOLDER), "utf8")) as Job;
    const commands = jobs.gate.steps.flatMap(({ run }) => (run === undefined ? [] : [wordsOf(run).words]));
    const cwd = mkdtempSync(path.join(tmpdir(), "lens-job-"));
    const simulator = await startSimulator({ scenario: { ttftMs: 5, gapMs: 0, outputTokens: 5 } });
    const ended: unknown[] = [];
    for (const [npx, yes, program, ...args] of commands) {
      const here = args[0] === "benchmark" ? ["--base-url", simulator.baseUrls.openai] : [];
      const { code } = await lens([...args, ...here], { cwd, env: { OPENAI_API_KEY: "any" } });
      ended.push([npx, yes, program, args[0], code]);
    }
    await simulator.close();
    const written = readdirSync(cwd);
    rmSync(cwd, { recursive: true });

    expect(ended).toEqual(["benchmark", "export"].map((command) => ["npx", "--yes", "llm-latency-lens", command, 0]));
    expect(written.toSorted()).toEqual(["report.html", "report.json", "report.xml"]);
  });

  test.each([...Object.keys(PRINTS), ...SUITES, JOB])("%s is short", (name) => {
    expect(readFileSync(new URL(name, FOLDER), "utf8").split("\n").length).toBeLessThanOrEqual(MOST_LINES);
  });
});
