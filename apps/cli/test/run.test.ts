import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseRecord } from "@lens/core";
import { parseReport, type Report } from "@lens/metrics";
import { afterEach, describe, expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { main } from "../src/main.ts";
import { createFakeIo, type FakeIo, type FakeIoOptions } from "./fake-io.ts";
import { type ModelServer, type ModelServerOptions, startModelServer } from "./model-server.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(options: ModelServerOptions = {}): Promise<ModelServer> {
  const server = await startModelServer(options);
  servers.push(server);
  return server;
}

/** Two workloads: the one closed, the other open. */
const scenarios = (more: { readonly chat?: object; readonly rag?: object } = {}): object => ({
  chat: { requests: 12, concurrency: 2, warmup: 0, ...more.chat },
  rag: { requests: 10, rate: 200, maxTokens: 5, ...more.rag },
});

async function inFolder(config: object, options: FakeIoOptions = {}): Promise<FakeIo> {
  const io = await createFakeIo(options);
  await writeFile(join(io.cwd, "lens.config.json"), JSON.stringify(config));
  return io;
}

/** Runs the program again in the same folder. */
async function again(
  io: FakeIo,
  args: string,
  options: FakeIoOptions = {},
): Promise<{ code: number; out: string; err: string; io: FakeIo }> {
  const next = await createFakeIo({ ...options, cwd: io.cwd });
  const code = await main(
    args.split(" ").filter((word) => word !== ""),
    next,
  );
  return { code, out: next.out(), err: next.err(), io: next };
}

const read = (io: FakeIo, path: string): string => readFileSync(join(io.cwd, path), "utf8");
const reportIn = (io: FakeIo, directory: string): Report => parseReport(read(io, join(directory, "report.json")));
const recordsIn = (io: FakeIo, directory: string) =>
  read(io, join(directory, "records.jsonl"))
    .trimEnd()
    .split("\n")
    .map((line) => parseRecord(JSON.parse(line)));

describe("lens run", () => {
  test("runs each scenario with its own load, and keeps everything in a directory of its own", async () => {
    const { baseUrl, prompts } = await serve();
    const io = await inFolder({ targets: [{ target: "openai:m", baseUrl }], scenarios: scenarios() });
    const { code, out, err } = await again(io, "run --quiet");
    expect([code, err]).toEqual([EXIT_CODES.ok, ""]);
    const [directory = ""] = readdirSync(join(io.cwd, "results"));
    expect(directory).toMatch(/^\d{8}T\d{9}Z$/);
    expect(readdirSync(join(io.cwd, "results", directory)).toSorted()).toEqual([
      "manifest.json",
      "records.jsonl",
      "report.html",
      "report.json",
      "summary.md",
    ]);
    const report = reportIn(io, join("results", directory));
    expect(report.groups.map(({ target, requests, response }) => [target.label, requests, response !== null])).toEqual([
      ["chat / openai:m", 12, false],
      ["rag / openai:m", 10, true],
    ]);
    expect(report.run).toMatchObject({ command: "lens run --only chat,rag", mode: "unknown", interrupted: false });
    expect(report.run.options).toMatchObject({ "chat.requests": 12, "rag.requests": 10, "chat.concurrency": 2, "rag.rate": 200 });
    expect(recordsIn(io, join("results", directory)).map(({ id }) => id.split("/")[0])).toEqual([
      ...Array.from({ length: 12 }, () => "chat"),
      ...Array.from({ length: 10 }, () => "rag"),
    ]);
    expect(prompts).toHaveLength(22);
    for (const text of [out, read(io, join("results", directory, "summary.md")), read(io, join("results", directory, "report.html"))])
      expect(text).toContain("rag / openai:m");
  });

  test("says which scenario it is at, and where the results are", async () => {
    const io = await inFolder({ scenarios: scenarios() });
    const { code, err } = await again(io, "run --directory r");
    expect(code).toBe(EXIT_CODES.ok);
    expect(err.split("\n").filter((line) => /^(Scenario|Results)/.test(line))).toEqual([
      "Scenario 1 of 2: chat",
      "Scenario 2 of 2: rag",
      "Results: r",
    ]);
  });

  test("runs the settings themselves where there are no scenarios", async () => {
    const io = await inFolder({ requests: 5, concurrency: 1 });
    const { code, out } = await again(io, "run sim: -q --directory r --json");
    expect(code).toBe(EXIT_CODES.ok);
    expect((JSON.parse(out) as Report).groups.map(({ target, requests }) => [target.label, requests])).toEqual([["sim", 5]]);
    expect((JSON.parse(out) as Report).run.command).toBe("lens run sim");
  });

  test("lets flags and variables stand over scenarios, and scenarios over the rest of the file", async () => {
    const io = await inFolder({
      requests: 50,
      maxTokens: 7,
      scenarios: { one: { requests: 40, concurrency: 2 }, two: { concurrency: 1 } },
    });
    const { out } = await again(io, "run -q --json -n 3 --directory r", { env: { LENS_CONCURRENCY: "3" } });
    const { groups, run } = JSON.parse(out) as Report;
    expect(groups.map(({ requests }) => requests)).toEqual([3, 3]);
    expect(run.options).toMatchObject({ requests: 3, concurrency: 3, maxTokens: 7 });
  });

  test("picks scenarios by name", async () => {
    const io = await inFolder({ scenarios: scenarios() });
    const { code } = await again(io, "run -q --only rag --directory r");
    expect(code).toBe(EXIT_CODES.ok);
    expect(reportIn(io, "r").groups.map(({ target }) => target.label)).toEqual(["rag / sim"]);
    const { code: refused, err } = await again(io, "run -q --only rga --directory s");
    expect([refused, err]).toEqual([EXIT_CODES.usage, "lens: Expected `--only` to name chat, rag, got `rga`. Did you mean `rag`?\n"]);
  });

  test("holds each scenario against its own thresholds, and exits with the worst", async () => {
    const { baseUrl } = await serve({ statusOf: (count) => (count <= 12 ? 500 : 200) });
    const failing = { targets: [{ target: "openai:m", baseUrl }], warmup: 0 };
    const io = await inFolder({ scenarios: scenarios({ chat: failing, rag: { thresholds: ["e2e p50 < 1ms"] } }) });
    const { code, err } = await again(io, "run -q --directory r");
    expect(code).toBe(EXIT_CODES.thresholdMissed);
    expect(err).toContain("lens: 1/2 12 × SERVER_ERROR");
    expect(err).toMatch(/lens: 2\/2 .*e2e p50 < 1ms/);
    expect(reportIn(io, "r").thresholds.map(({ label, met }) => [label, met])).toEqual([["rag / sim", false]]);
    expect((await again(io, "run -q --only chat --directory s")).code).toBe(EXIT_CODES.ok);
  });

  test("never writes over a directory, nor through a link to one", async () => {
    const io = await inFolder({ requests: 2 });
    await mkdir(join(io.cwd, "taken"));
    const { code, err } = await again(io, "run sim: -q --directory taken");
    expect([code, err]).toEqual([
      EXIT_CODES.usage,
      "lens: Expected no directory `taken` yet, got one. `--resume` goes on with a run that was broken off.\n",
    ]);
    expect(readdirSync(join(io.cwd, "taken"))).toEqual([]);
  });

  test("says what is wrong with the last scenario before the first is sent", async () => {
    const { baseUrl, prompts } = await serve();
    const io = await inFolder({ targets: [{ target: "openai:m", baseUrl }], scenarios: scenarios({ rag: { promptFile: "none.txt" } }) });
    const { code, err } = await again(io, "run -q");
    expect(code).toBe(EXIT_CODES.usage);
    expect(err).toMatch(/^lens: Cannot read `.*none\.txt`: there is no such file or folder\.\n$/);
    expect(prompts).toEqual([]);
    expect(existsSync(join(io.cwd, "results"))).toBe(false);
  });

  test("shares one limit on money among all scenarios", async () => {
    const { baseUrl, prompts } = await serve();
    const prices = { m: { inputPerMillionUsd: 0, outputPerMillionUsd: 1_000_000 } };
    const all = { maxTokens: 2, warmup: 0, concurrency: 1, requests: 10 };
    const io = await inFolder({ targets: [{ target: "openai:m", baseUrl }], prices, maxCost: 30, ...all, scenarios: { one: {}, two: {} } });
    const { code } = await again(io, "run -q --directory r", { answer: true });
    expect(code).toBe(EXIT_CODES.ok);
    // Two dollars each: ten of the first, and five of the second.
    expect(prompts).toHaveLength(15);
    expect((await again(io, "run -q --directory s", { answer: false })).code).toBe(EXIT_CODES.interrupted);
    expect(existsSync(join(io.cwd, "s"))).toBe(false);
  });

  test.each([
    [
      { chat: { format: "json" } },
      "Expected a setting of a scenario, got `format` in the scenario chat of lens.config.json, which is none. What holds for a whole run stands beside `scenarios`.",
    ],
    [{ chat: { conc: 1 } }, "Expected a known setting, got `conc` in the scenario chat of lens.config.json. `lens config` lists them all."],
    [{ chat: { requests: 0 } }, "Expected `requests` in the scenario chat of lens.config.json to be a whole number from 1 up, got `0`."],
    [
      { chat: { rate: 1, concurrency: 1 } },
      "Expected either `concurrency` in the scenario chat of lens.config.json or `rate` in the scenario chat of lens.config.json, got both.",
    ],
    [
      { "../chat": {} },
      "Expected `scenarios` in lens.config.json to be an object of scenarios, each an object of settings under a name of letters, digits, `.`, `_` and `-` that begins with a letter, got something else.",
    ],
  ])("refuses %o", async (wrong, message) => {
    const io = await inFolder({ scenarios: wrong });
    const { code, err } = await again(io, "run -q");
    expect([code, err]).toEqual([EXIT_CODES.usage, `lens: ${message}\n`]);
  });
});

describe("a run that was broken off", () => {
  /** Sends 22 requests in two scenarios, and is interrupted at one of them. */
  async function interrupted(at: number, config: object = {}) {
    let io: FakeIo | null = null;
    const server = await serve({ delayMs: 2, onRequest: (count) => void (count === at && io?.interrupt()) });
    const first = await inFolder({ targets: [{ target: "openai:m", baseUrl: server.baseUrl }], scenarios: scenarios(), ...config });
    io = await createFakeIo({ cwd: first.cwd });
    const code = await main(["run", "--directory", "r"], io);
    return { io, code, server, err: io.err() };
  }

  test.each([5, 12, 17])("goes on after Ctrl-C at request %i, with as many requests as if it had not been broken off", async (at) => {
    const { io, code, server, err } = await interrupted(at);
    expect(code).toBe(EXIT_CODES.interrupted);
    expect(err).toContain("To go on: lens run --resume r");
    const before = server.prompts.length;
    expect(before).toBeLessThan(22);
    expect(reportIn(io, "r").run.interrupted).toBe(true);
    expect(recordsIn(io, "r")).toHaveLength(before);
    const resumed = await again(io, "run -q --resume r");
    expect([resumed.code, resumed.err]).toEqual([EXIT_CODES.ok, ""]);
    expect(server.prompts).toHaveLength(22);
    const report = reportIn(io, "r");
    expect(report.groups.map(({ target, requests, outcomes }) => [target.label, requests, outcomes.ok])).toEqual([
      ["chat / openai:m", 12, 12],
      ["rag / openai:m", 10, 10],
    ]);
    expect(report.groups.map(({ load }) => [load?.sent, load?.lost, load?.stoppedBy])).toEqual([
      [12, 0, "requests"],
      [10, 0, "requests"],
    ]);
    expect(report.run.interrupted).toBe(false);
    expect(report.notes[0]).toBe("The run was broken off once and went on later: the pause is in no figure.");
    expect(new Set(recordsIn(io, "r").map(({ id }) => id)).size).toBe(22);
    expect(existsSync(join(io.cwd, "r", "journal.jsonl"))).toBe(false);
  });

  test.each([4, 16])(
    "goes on after it was killed at request %i: what was under way is not sent again, and counts as aborted",
    async (at) => {
      let cwd = "";
      let torn = "";
      // What is on the disk at a moment is what a process leaves that is killed then.
      const kill = (count: number): void => {
        if (count !== at || cwd === "") return;
        cpSync(join(cwd, "r"), join(cwd, "killed"), { recursive: true });
        torn = readFileSync(join(cwd, "killed", "records.jsonl"), "utf8").slice(0, 100);
      };
      const server = await serve({ delayMs: 3, onRequest: kill });
      const targets = [{ target: "openai:m", baseUrl: server.baseUrl }];
      const io = await inFolder({ targets, cache: "bust", scenarios: scenarios() });
      cwd = io.cwd;
      await again(io, "run -q --directory r");
      expect(server.prompts).toHaveLength(22);
      await appendFile(join(cwd, "killed", "records.jsonl"), torn);
      const noted = read(io, "killed/journal.jsonl")
        .split("\n")
        .filter((line) => line.startsWith("[")).length;
      const recorded = read(io, "killed/records.jsonl").split("\n").length - 1;
      expect(noted).toBeGreaterThanOrEqual(at);
      const resumed = await again(io, "run -q --resume killed");
      expect([resumed.code, resumed.err]).toEqual([EXIT_CODES.ok, ""]);
      // What was noted was sent, or was about to be; all else is sent now, with the prompts that it would have had.
      const [whole, sentNow] = [server.prompts.slice(0, 22), server.prompts.slice(22)];
      expect(sentNow).toHaveLength(22 - noted);
      expect(sentNow.filter((prompt) => whole.slice(0, at).includes(prompt))).toEqual([]);
      expect(new Set([...whole, ...sentNow]).size).toBe(22);
      const { groups, notes } = reportIn(io, "killed");
      expect(groups.map(({ requests }) => requests)).toEqual([12, 10]);
      expect(groups.reduce((sum, { outcomes }) => sum + outcomes.aborted, 0)).toBe(noted - recorded);
      expect(notes.slice(1, 3).join(" ")).toContain(
        "or had just ended, when the program was killed: sent once, not again, and counted as aborted.",
      );
      if (torn !== "") expect(notes).toContain("The last record was cut off once, and dropped.");
      const ids = recordsIn(io, "killed").map(({ id }) => id);
      expect([ids.length, new Set(ids).size]).toEqual([22, 22]);
    },
  );

  test("can be broken off again", async () => {
    let at = 4;
    let io: FakeIo | null = null;
    const server = await serve({ delayMs: 2, onRequest: (count) => void (count === at && io?.interrupt()) });
    const folder = await inFolder({ targets: [{ target: "openai:m", baseUrl: server.baseUrl }], scenarios: scenarios() });
    const run = async (args: string): Promise<number> => {
      io = await createFakeIo({ cwd: folder.cwd });
      return main(args.split(" "), io);
    };
    expect(await run("run -q --directory r")).toBe(EXIT_CODES.interrupted);
    at = 9;
    expect(await run("run -q --resume r")).toBe(EXIT_CODES.interrupted);
    at = 16;
    expect(await run("run -q --resume r")).toBe(EXIT_CODES.interrupted);
    expect(await run("run -q --resume r")).toBe(EXIT_CODES.ok);
    expect(server.prompts).toHaveLength(22);
    expect(reportIn(folder, "r").groups.map(({ requests }) => requests)).toEqual([12, 10]);
    expect(reportIn(folder, "r").notes[0]).toContain("broken off 3 times");
  });

  test("goes on in the level of a sweep at which it was, and repeats none", async () => {
    const sweep = { scenarios: { sweep: { concurrency: "1,2,3", requests: 6, warmup: 0 } } };
    const { io, server } = await interrupted(9, sweep);
    const { code } = await again(io, "run -q --resume r");
    expect(code).toBe(EXIT_CODES.ok);
    expect(server.prompts).toHaveLength(18);
    const { groups, sweeps } = reportIn(io, "r");
    expect(groups.map(({ target, level, requests }) => [target.label, level?.value, requests])).toEqual([
      ["sweep / openai:m @ 1", 1, 6],
      ["sweep / openai:m @ 2", 2, 6],
      ["sweep / openai:m @ 3", 3, 6],
    ]);
    expect(sweeps).toHaveLength(1);
  });

  test.each([
    ["run -q --resume r -n 5", "Expected no `--requests` with `--resume`, whose manifest says what is sent."],
    ["run -q --resume r --only chat", "Expected either `--resume` or `--only`, got both."],
    ["run -q --resume none", "Expected the directory of a run, with its manifest.json, got `none`."],
  ])("refuses %s", async (args, message) => {
    const { io } = await interrupted(3);
    const { code, err } = await again(io, args);
    expect([code, err]).toEqual([EXIT_CODES.usage, `lens: ${message}\n`]);
  });

  test("refuses to go on with a run that is over", async () => {
    const io = await inFolder({ requests: 2 });
    await again(io, "run sim: -q --directory r");
    const { code, err } = await again(io, "run -q --resume r");
    expect([code, err]).toEqual([
      EXIT_CODES.usage,
      "lens: Expected a run that was broken off, got `r`, which is over. `--manifest` repeats it.\n",
    ]);
  });
});

describe("a manifest", () => {
  test("repeats a run without its configuration file", async () => {
    const { baseUrl, prompts } = await serve();
    const targets = [{ target: "openai:m", baseUrl }];
    const io = await inFolder({ scenarios: scenarios({ chat: { targets }, rag: { targets, arrivals: "poisson", seed: 7 } }) });
    await again(io, "run -q --directory r -n 6");
    await writeFile(join(io.cwd, "lens.config.json"), "{}");
    const { code, err } = await again(io, "run -q --manifest r/manifest.json --directory s");
    expect([code, err]).toEqual([EXIT_CODES.ok, ""]);
    expect(prompts).toHaveLength(24);
    expect(reportIn(io, "s").run).toMatchObject({ options: reportIn(io, "r").run.options, seed: reportIn(io, "r").run.seed });
    const { scenarios: kept } = JSON.parse(read(io, "s/manifest.json")) as { readonly scenarios: unknown };
    expect(kept).toEqual((JSON.parse(read(io, "r/manifest.json")) as { readonly scenarios: unknown }).scenarios);
  });

  test("holds the prompts only where that was asked for; else they are asked for again, and have to be the same", async () => {
    const io = await inFolder({ requests: 2, scenarios: { chat: { prompt: "canary-prompt" } } });
    await again(io, "run -q --directory r");
    expect(read(io, "r/manifest.json")).not.toContain("canary-prompt");
    await writeFile(join(io.cwd, "lens.config.json"), "{}");
    const { code, err } = await again(io, "run -q --manifest r/manifest.json");
    expect([code, err]).toEqual([
      EXIT_CODES.usage,
      "lens: Expected `prompt` of the scenario chat, which the manifest does not hold, in the configuration file or as a flag, got none.\n",
    ]);
    await writeFile(join(io.cwd, "lens.config.json"), JSON.stringify({ scenarios: { chat: { prompt: "another" } } }));
    expect((await again(io, "run -q --manifest r/manifest.json")).err).toMatch(
      /^lens: Expected the prompt of the scenario chat that was sent before, of 13 characters and hash \w{12}, got one of 7 and hash \w{12}\.\n$/,
    );
    await writeFile(join(io.cwd, "lens.config.json"), JSON.stringify({ scenarios: { chat: { prompt: "canary-prompt" } } }));
    expect((await again(io, "run -q --manifest r/manifest.json --directory s --save-prompts")).code).toBe(EXIT_CODES.ok);
    await writeFile(join(io.cwd, "lens.config.json"), "{}");
    expect((await again(io, "run -q --manifest s/manifest.json --directory t")).code).toBe(EXIT_CODES.ok);
  });

  test.each([
    ["nothing", "got something else."],
    ['{"schema":2}', "got something else at `schema`."],
    [
      '{"schema":1,"tool":{"name":"llm-latency-lens","version":"0"},"startedAtMs":1,"versions":{},"machine":{},"scenarios":[]}',
      "got something else at `scenarios`.",
    ],
  ])("is refused where it is none: %s", async (text, message) => {
    const io = await inFolder({});
    await writeFile(join(io.cwd, "m.json"), text);
    const { code, err } = await again(io, "run -q --manifest m.json");
    expect([code, err]).toEqual([
      EXIT_CODES.usage,
      `lens: Expected \`m.json\` to be the manifest of a run, as \`lens run\` writes it, ${message}\n`,
    ]);
  });
});

describe("scenarios in other commands", () => {
  test("are shown by config, where they differ from the rest of the file", async () => {
    const io = await inFolder({ requests: 50, scenarios: scenarios({ chat: { headers: { authorization: "canary" }, prompt: "canary" } }) });
    const { out } = await again(io, "config");
    expect(out).toContain("\nscenario chat\n");
    expect(out).toMatch(/\nrequests +12 +requests in scenario chat of lens\.config\.json\n/);
    expect(out).not.toContain("canary");
    const { scenarios: shown } = JSON.parse((await again(io, "config --json")).out) as {
      scenarios: Record<string, Record<string, unknown>>;
    };
    expect(Object.keys(shown)).toEqual(["chat", "rag"]);
    expect(shown.rag?.rate).toEqual({ value: 200, source: "rate in scenario rag of lens.config.json" });
  });

  test("have all their targets validated, each once", async () => {
    const io = await inFolder({ scenarios: { a: { targets: ["sim:one", "sim:two"] }, b: { targets: ["sim:two", "sim:three"] } } });
    const { out } = await again(io, "validate --json");
    const { checks } = JSON.parse(out) as { readonly checks: readonly { readonly target: string; readonly check: string }[] };
    expect(checks.filter(({ check }) => check === "key").map(({ target }) => target)).toEqual(["sim:one", "sim:two", "sim:three"]);
  });
});
