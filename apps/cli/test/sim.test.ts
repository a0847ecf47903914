import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseTruth } from "@lens/sim";
import { describe, expect, test } from "vitest";
import { main } from "../src/main.ts";
import { readScenario } from "../src/sim-scenario.ts";
import { createFakeIo, type FakeIo, lens } from "./fake-io.ts";

/** Runs `lens sim` and calls `use` as soon as it serves; then stops it. */
async function whileServing(
  args: string,
  use: (io: FakeIo, text: string) => Promise<void>,
  stop = (io: FakeIo) => io.interrupt(),
): Promise<{ code: number; io: FakeIo }> {
  const io = await createFakeIo({
    onOut: (self, text) => {
      used = use(self, text).finally(() => stop(self));
    },
  });
  let used: Promise<void> = Promise.resolve();
  const code = await main(`sim --port 0 ${args}`.trim().split(" "), io);
  await used;
  return { code, io };
}

describe("sim", () => {
  test("prints the base URL for each provider, serves until Ctrl-C and ends well", async () => {
    const { code, io } = await whileServing("--ttft 5ms --gap 1ms --tokens 3", async (_io, text) => {
      const urls = Object.fromEntries(
        text
          .trimEnd()
          .split("\n")
          .map((line) => line.split(/\s+/)),
      );
      expect(Object.keys(urls)).toEqual(["openai", "openai-responses", "anthropic", "google", "ollama"]);
      const { code: inner, out } = await lens(`bench anthropic:m --base-url ${urls.anthropic} -n 2 -c 1 --json`);
      expect([inner, (JSON.parse(out) as { groups: { tokens: { output: number } }[] }).groups[0]?.tokens.output]).toEqual([0, 6]);
    });
    expect([code, io.err()]).toEqual([0, ""]);
  });

  test("writes the truth as lines", async () => {
    const { io } = await whileServing("--ttft 5ms --gap 1ms --tokens 3 --truth truth.jsonl --json", async (_io, text) => {
      const { baseUrls } = JSON.parse(text) as { baseUrls: Record<string, string> };
      await lens(`bench openai:m --base-url ${baseUrls.openai} -n 3 -c 1 --quiet`);
    });
    const entries = (await readFile(join(io.cwd, "truth.jsonl"), "utf8")).trimEnd().split("\n").map(parseTruth);
    expect(entries.map((entry) => [entry.protocol, entry.model, entry.outcome, entry.outputTokens])).toEqual(
      Array.from({ length: 3 }, () => ["openai", "m", "ok", 3]),
    );
  });

  test("ends with its standard input where so asked", async () => {
    const { code } = await whileServing(
      "--until-stdin-ends",
      async () => undefined,
      (io) => io.endStdin(),
    );
    expect(code).toBe(0);
  });

  test("lists its faults", async () => {
    const { code, out } = await lens("sim --fault list");
    expect(out).toMatch(/^401 {11}status 401: the key is wrong\n/);
    expect(code).toBe(0);
  });

  test("a port that is taken is told in one line", async () => {
    await whileServing("--json", async (_io, text) => {
      const { port } = JSON.parse(text) as { port: number };
      const { code, out, err } = await lens(`sim --port ${port}`);
      expect(err).toMatch(new RegExp(`^lens: Could not listen on 127\\.0\\.0\\.1:${port}: .*\\n$`));
      expect([code, out]).toEqual([2, ""]);
    });
  });

  test("a certificate that is none is told in one line", async () => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, "x.pem"), "nothing");
    const { code, out, err } = await lens("sim --tls-cert x.pem --tls-key x.pem", { cwd });
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect([code, out]).toEqual([2, ""]);
  });
});

describe("the scenario that flags describe", () => {
  test("is empty without flags, so that the simulator's own defaults hold", () => {
    expect(readScenario({})).toEqual({});
  });

  test("reads values, lists and distributions in their units", () => {
    const flags = {
      ttft: "lognormal:0.2s,0.3",
      gap: "20ms,40ms",
      tokens: "100",
      "tokens-per-chunk": "1,3",
      slots: "2",
      seed: "7",
      "retry-after": "2s",
      drift: "150%/30s",
    };
    expect(readScenario(flags)).toEqual({
      ttftMs: { median: 200, sigma: 0.3 },
      gapMs: [20, 40],
      outputTokens: 100,
      tokensPerChunk: [1, 3],
      slots: 2,
      seed: 7,
      retryAfterMs: 2000,
      drift: { share: 1.5, overMs: 30_000 },
    });
    expect(() => readScenario({ drift: "50%" })).toThrow("`--drift`");
  });

  test("gives each fault its own share, or the common one", () => {
    expect(readScenario({ fault: "429,500=25%", "fault-share": "0.1" })).toEqual({
      faults: [
        { fault: "429", share: 0.1 },
        { fault: "500", share: 0.25 },
      ],
    });
    expect(readScenario({ fault: "cut" })).toEqual({ faults: [{ fault: "cut", share: 1 }] });
  });

  test("reads switches and names", () => {
    expect(readScenario({ "require-key": true, "hide-reasoning": true, models: "a, b" })).toEqual({
      requireKey: true,
      reasoning: "hidden",
      models: ["a", "b"],
    });
  });
});
