import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ErrorCode, type OutcomeKind, parseRecord } from "@lens/core";
import type { Report } from "@lens/metrics";
import { type Fault, FAULTS, startSimulator } from "@lens/sim";
import { describe, expect, test } from "vitest";
import { createFakeIo, lens, QUICK } from "./fake-io.ts";

const reportOf = (text: string): Report => JSON.parse(text) as Report;
const recordsIn = async (path: string) =>
  (await readFile(path, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => parseRecord(JSON.parse(line)));

describe("benchmark without a target", () => {
  test("measures the simulator, says so first, and accounts for every request", async () => {
    const { code, out, err, io } = await lens("bench -n 20 -c 4 --json");
    expect(err.split("\n")[0]).toBe(
      "No target and no API key: this measures the built-in simulator, no model. For a model: `lens benchmark PROVIDER:MODEL`.",
    );
    const report = reportOf(out);
    expect(report.groups).toHaveLength(1);
    expect(report.groups[0]).toMatchObject({
      requests: 20,
      outcomes: { ok: 20 },
      tokens: { output: 80 },
      excluded: { warmup: 2, drain: 0 },
    });
    expect(report.groups[0]?.target).toMatchObject({ provider: "sim", model: "sim", label: "sim" });
    expect(report.notes[0]).toBe("These are figures of the built-in simulator, not of a model.");
    expect(io.truth()).toHaveLength(22);
    expect(code).toBe(0);
  });

  test("prints a report for people unless told otherwise, without colour off a terminal", async () => {
    const { code, out } = await lens("bench -n 10 --quiet");
    expect(out).toContain("TTFT");
    expect(out).not.toContain("\u001b");
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(code).toBe(0);
  });

  test("says nothing but the report with --quiet", async () => {
    expect((await lens("bench -n 2 --quiet")).err).toBe("");
  });
});

describe("benchmark of a server", () => {
  test.each(["benchmark -n 2 -c 1", "profile"])("says what %s had to send to Anthropic unasked, and only then", async (command) => {
    const simulator = await startSimulator({ scenario: QUICK });
    const base = `--base-url ${simulator.baseUrls.anthropic} --json`;
    const silent = await lens(`${command} anthropic:m ${base}`);
    const asked = await lens(`${command} anthropic:m ${base} --max-tokens 5`);
    await simulator.close();
    const notes = ({ out }: { readonly out: string }) =>
      (JSON.parse(out) as Report).notes.filter((note) => note.includes("limit on output tokens"));
    expect(notes(silent)).toEqual([
      "anthropic:m: the protocol demands a limit on output tokens, and 1024 was sent; `--max-tokens` sets another.",
    ]);
    expect(notes(asked)).toEqual([]);
  });

  test.each(["openai", "openai-responses", "anthropic", "google"] as const)("speaks to %s at its base URL", async (provider) => {
    const simulator = await startSimulator({ scenario: QUICK });
    const { code, out } = await lens(`bench ${provider}:m --base-url ${simulator.baseUrls[provider]} -n 5 -c 2 --warmup 0 --json`, {
      env: { MY_KEY: "k" },
    });
    const truth = simulator.truth();
    await simulator.close();
    const [group] = reportOf(out).groups;
    expect(truth).toHaveLength(5);
    expect(truth.every((entry) => entry.protocol === provider && entry.model === "m")).toBe(true);
    expect(group).toMatchObject({ outcomes: { ok: 5 }, tokens: { output: 20, sources: { reported: 5 } } });
    expect(group?.ttft.minNs).toBeGreaterThanOrEqual(5e6);
    expect(code).toBe(0);
  });

  test("passes on the key, headers and settings that were asked for, and nothing else", async () => {
    const simulator = await startSimulator({ scenario: { ...QUICK, requireKey: true } });
    const target = `bench openai:m --base-url ${simulator.baseUrls.openai} -n 1 -c 1`;
    const without = await lens(target);
    const withKey = await lens(`${target} --api-key-env MY_KEY --json`, { env: { MY_KEY: "canary-key" } });
    await simulator.close();
    expect(without.err).toContain("AUTHENTICATION");
    expect([without.code, without.out]).toEqual([3, ""]);
    expect(withKey.code).toBe(0);
    expect(withKey.out + withKey.err).not.toContain("canary-key");
    expect(withKey.out).not.toContain("Explain in about");
  });

  test("takes an option from the flag before the environment before the file before the default", async () => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, "lens.config.yaml"), "requests: 3\nconcurrency: 1\nmaxTokens: 2\nwarmup: 0\n");
    const options = { cwd, env: { LENS_REQUESTS: "2", LENS_WARMUP: "1" } };
    const { out } = await lens("bench sim: --requests 1 --json", options);
    const report = reportOf(out);
    expect(report.run.options).toMatchObject({ requests: 1, warmup: 1, concurrency: 1, maxTokens: 2, retries: 0 });
    expect(report.groups[0]).toMatchObject({ requests: 1, excluded: { warmup: 1 }, outcomes: { truncated: 1 }, tokens: { output: 2 } });
  });

  test("prices requests by the configured prices first", async () => {
    const { cwd } = await createFakeIo();
    const prices = { sim: { inputPerMillionUsd: 0, outputPerMillionUsd: 2 } };
    await writeFile(join(cwd, "lens.config.json"), JSON.stringify({ prices }));
    const { out } = await lens("bench sim: -n 2 --json", { cwd });
    expect(reportOf(out).groups[0]?.costUsd).toMatchObject({
      total: 16e-6,
      priced: 2,
      unpriced: 0,
      price: { modelId: "sim", source: "configuration" },
    });
  });

  test("stops sending when the duration is over", async () => {
    const { out, code } = await lens("bench sim: --duration 50ms -c 2 --warmup 0 --json");
    const [group] = reportOf(out).groups;
    expect(group?.requests).toBeGreaterThanOrEqual(2);
    expect(group?.outcomes.ok).toBe(group?.requests);
    expect(code).toBe(0);
  });

  test("measures several targets one after the other, a group each", async () => {
    const { cwd } = await createFakeIo();
    await writeFile(
      join(cwd, "lens.config.json"),
      JSON.stringify({ targets: [{ target: "sim:anthropic/x", label: "claude" }, "sim:google/y"] }),
    );
    const { out, io } = await lens("bench -n 2 -c 1 --json --records r.jsonl", { cwd });
    expect(reportOf(out).groups.map((group) => [group.target.label, group.target.model, group.outcomes.ok])).toEqual([
      ["claude", "x", 2],
      ["sim:google/y", "y", 2],
    ]);
    const records = await recordsIn(join(io.cwd, "r.jsonl"));
    expect(records.map((record) => record.id)).toEqual(["t1-r000000", "t1-r000001", "t2-r000000", "t2-r000001"]);
  });
});

describe("outputs", () => {
  test("--records holds every request as a line, warm-up included", async () => {
    const { io } = await lens("bench sim: -n 10 -c 2 --records out.jsonl --quiet");
    const records = await recordsIn(join(io.cwd, "out.jsonl"));
    expect(records.map((record) => record.phase).toSorted()).toEqual([...Array<string>(10).fill("measured"), "warmup"]);
    expect(new Set(records.map((record) => record.id)).size).toBe(11);
  });

  test("a file without a format takes the one of its ending, and the console report still shows", async () => {
    const { io, out } = await lens("bench sim: -n 2 -o report.json");
    expect(reportOf(await readFile(join(io.cwd, "report.json"), "utf8")).groups[0]?.requests).toBe(2);
    expect(out).toContain("TTFT");
  });

  test("formats and files pair up in order, and what is left goes to standard output", async () => {
    const { io, out } = await lens("bench sim: -n 2 --format json,json-compact -o a.json");
    expect((await readFile(join(io.cwd, "a.json"), "utf8")).split("\n").length).toBeGreaterThan(10);
    expect(out.trimEnd().split("\n")).toHaveLength(1);
    expect(reportOf(out).groups[0]?.requests).toBe(2);
  });

  test("an existing file is replaced whole, where that was asked for", async () => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, "r.json"), "x".repeat(1_000_000));
    await lens("bench sim: -n 1 -o r.json --force --quiet", { cwd });
    expect(reportOf(await readFile(join(cwd, "r.json"), "utf8")).schema).toBe(1);
  });

  test("colour follows the terminal, NO_COLOR, FORCE_COLOR and the flag, in rising order", async () => {
    const colored = async (args: string, isTty: boolean, env: Record<string, string> = {}): Promise<boolean> =>
      (await lens(`bench sim: -n 1 --quiet ${args}`, { isTty, env })).out.includes("\u001b[");
    expect(await colored("", true)).toBe(true);
    expect(await colored("", true, { TERM: "dumb" })).toBe(false);
    expect(await colored("", false, { FORCE_COLOR: "1" })).toBe(true);
    expect(await colored("", true, { FORCE_COLOR: "0" })).toBe(false);
    expect(await colored("", true, { NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(false);
    expect(await colored("--no-color", true, { FORCE_COLOR: "1" })).toBe(false);
    expect(await colored("--color", false, { NO_COLOR: "1" })).toBe(true);
  });

  test("--explain says what the figures mean", async () => {
    const { out } = await lens("bench sim: -n 1 --quiet --explain");
    expect(out.replaceAll(/\s+/g, " ")).toContain("Time to first token: first content of any kind");
  });
});

/** How each fault of the simulator is to end: its outcome, its error code, the program's exit code. */
const FAULT_ENDINGS: Readonly<Record<Fault, readonly [OutcomeKind, ErrorCode | null, number]>> = {
  "401": ["error", "AUTHENTICATION", 3],
  "404": ["error", "NOT_FOUND", 3],
  "429": ["error", "RATE_LIMITED", 3],
  "500": ["error", "SERVER_ERROR", 3],
  "529": ["error", "OVERLOADED", 3],
  error: ["error", "STREAM_ERROR", 3],
  cut: ["incomplete", "STREAM_CUT", 3],
  stall: ["error", "IDLE_TIMEOUT", 3],
  "slow-headers": ["error", "FIRST_BYTE_TIMEOUT", 3],
  garbage: ["error", "NOT_A_STREAM", 3],
  "broken-json": ["error", "MALFORMED_EVENT", 3],
  html: ["error", "NOT_A_STREAM", 3],
  refusal: ["refused", null, 3],
  blocked: ["filtered", null, 3],
  filtered: ["filtered", null, 3],
  length: ["truncated", null, 0],
  "huge-event": ["error", "RESPONSE_TOO_LARGE", 3],
  "huge-headers": ["error", "RESPONSE_TOO_LARGE", 3],
  empty: ["incomplete", "STREAM_UNFINISHED", 3],
};

describe("failures", () => {
  test("a dead server is told in one line of its own, with an empty standard output", async () => {
    const { code, out, err } = await lens("bench openai:x --base-url http://127.0.0.1:1/v1 -n 3 --warmup 0");
    expect(err).toBe(
      "lens: 3 × CONNECTION_REFUSED: Nothing listens at 127.0.0.1:1. Check the base URL, and that the server runs.\n" +
        "lens: 100 % of the requests failed, more than `--max-error-rate` 1.0 %.\n",
    );
    expect([code, out]).toEqual([3, ""]);
  });

  test("machines get the report even where nothing was answered", async () => {
    const { code, out } = await lens("bench openai:x --base-url http://127.0.0.1:1/v1 -n 3 --warmup 0 --json");
    expect(reportOf(out).groups[0]).toMatchObject({ requests: 3, outcomes: { error: 3 }, errors: { CONNECTION_REFUSED: 3 } });
    expect(code).toBe(3);
  });

  test("--max-error-rate says how many failures are still a success", async () => {
    const scenario = { faults: [{ fault: "500", every: 4 }] } as const;
    const strict = await lens("bench sim: -n 8 -c 1 --warmup 0 --json", { scenario });
    const lax = await lens("bench sim: -n 8 -c 1 --warmup 0 --max-error-rate 25% --json", { scenario });
    expect(reportOf(strict.out).groups[0]).toMatchObject({ outcomes: { ok: 6, error: 2 }, errors: { SERVER_ERROR: 2 } });
    expect(strict.err).toContain("lens: 2 × SERVER_ERROR: ");
    expect([strict.code, lax.code]).toEqual([3, 0]);
  });

  test("--retries sends again what failed in passing, and the report counts the tries", async () => {
    const scenario = { faults: [{ fault: "429", every: 2 }], retryAfterMs: 1 } as const;
    const { code, out } = await lens("bench sim: -n 2 -c 1 --warmup 0 --retries 2 --json", { scenario });
    expect(reportOf(out).groups[0]).toMatchObject({ outcomes: { ok: 2 }, attempts: { total: 3, retriedRequests: 1 } });
    expect(code).toBe(0);
  });

  test.each(FAULTS.map((fault) => [fault, ...FAULT_ENDINGS[fault]] as const))(
    "fault %s ends as %s %s with exit code %i",
    async (fault, kind, error, exitCode) => {
      const scenario = { slowHeadersMs: 10_000 };
      // Tens of megabytes take their time on a busy machine.
      const idle = fault === "huge-event" ? "20s" : "500ms";
      const { code, out } = await lens(`bench sim:sim-fault-${fault} -n 1 --first-byte-timeout 2s --idle-timeout ${idle} --json`, {
        scenario,
      });
      const [group] = reportOf(out).groups;
      expect(group?.outcomes[kind]).toBe(1);
      expect(group?.errors).toEqual(error === null ? {} : { [error]: 1 });
      expect(code).toBe(exitCode);
    },
  );

  test("a records file that cannot be finished ends the run and is said", async () => {
    const { code, err } = await lens("bench sim: -n 200 -c 1 --records /dev/full --quiet");
    expect(err).toBe("lens: Cannot write `/dev/full`: the disk is full.\n");
    expect(code).toBe(2);
  });
});

describe("interruption", () => {
  test("Ctrl-C ends the run, writes what was measured, counts the aborted and exits with 130", async () => {
    const io = await createFakeIo({ scenario: { ttftMs: 20_000 } });
    const { main } = await import("../src/main.ts");
    const running = main("bench sim: -n 50 -c 3 --warmup 0 --grace 50ms --json --records r.jsonl -o r.json".split(" "), {
      ...io,
      async startSimulator(args) {
        const simulator = await io.startSimulator(args);
        io.clock.after(100e6, () => io.interrupt());
        return simulator;
      },
    });
    expect(await running).toBe(130);
    const report = reportOf(await readFile(join(io.cwd, "r.json"), "utf8"));
    expect(report.run.interrupted).toBe(true);
    expect(report.groups[0]).toMatchObject({ requests: 3, outcomes: { aborted: 3 } });
    expect(await recordsIn(join(io.cwd, "r.jsonl"))).toHaveLength(3);
    expect(io.err()).toContain("lens: interrupted; what is under way may end. Once more leaves at once.");
    expect(io.exits).toEqual([]);
  });

  test("Ctrl-C lets end what is under way, within the grace", async () => {
    const io = await createFakeIo({ scenario: { ttftMs: 200 } });
    const { main } = await import("../src/main.ts");
    const running = main("bench sim: -n 50 -c 3 --warmup 0 --json".split(" "), {
      ...io,
      async startSimulator(args) {
        const simulator = await io.startSimulator(args);
        io.clock.after(100e6, () => io.interrupt());
        return simulator;
      },
    });
    expect(await running).toBe(130);
    const report = reportOf(io.out());
    expect(report.groups[0]).toMatchObject({ requests: 3, outcomes: { ok: 3 }, load: { stoppedBy: "signal", sent: 3 } });
  });

  test("a second Ctrl-C leaves at once", async () => {
    const io = await createFakeIo();
    const { watchInterrupts } = await import("../src/interrupts.ts");
    const interrupts = watchInterrupts(io);
    io.interrupt();
    expect(interrupts.signal.aborted).toBe(true);
    expect(io.exits).toEqual([]);
    io.interrupt();
    expect(io.exits).toEqual([130]);
    interrupts.stop();
    io.interrupt();
    expect(io.exits).toEqual([130]);
  });
});
