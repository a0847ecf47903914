import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LensError, type RequestRecord } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../src/exit-codes.ts";
import { createLineFile, writeFileAtomically } from "../src/files.ts";
import { planLoad } from "../src/load-plan.ts";
import { nearest } from "../src/nearest.ts";
import { startProgress } from "../src/progress.ts";
import { oneLine } from "../src/printable.ts";
import { shownUrl } from "../src/secrets.ts";
import { splitTarget } from "../src/targets.ts";
import type { Configuration } from "../src/config.ts";
import { createFakeIo } from "./fake-io.ts";

describe("targets", () => {
  test.each([
    ["openai:gpt-6-luna", "openai", "gpt-6-luna"],
    ["ollama:llama3:8b", "ollama", "llama3:8b"],
    ["OpenAI:ft:gpt:org::id", "openai", "ft:gpt:org::id"],
    ["sim:", "sim", "sim"],
    ["sim:sim-fault-429", "sim", "sim-fault-429"],
  ])("%s is split at its first colon", (text, provider, model) => {
    expect(splitTarget(text)).toEqual({ provider, model });
  });
});

describe("the load that settings ask for", () => {
  const plan = (settings: object, sources: Record<string, string> = { requests: "default" }) =>
    planLoad({ settings: { requests: 100, concurrency: 10, ...settings }, sources, file: null } as unknown as Configuration);

  test("warms up each connection once, but with no more than a tenth of the requests", () => {
    expect(plan({}).warmupRequests).toBe(10);
    expect(plan({ requests: 1000, concurrency: 50 }).warmupRequests).toBe(50);
    expect(plan({ requests: 50, concurrency: 50 }).warmupRequests).toBe(5);
    expect(plan({ requests: 9, concurrency: 1 }).warmupRequests).toBe(0);
    expect(plan({ warmup: 3 }).warmupRequests).toBe(3);
    expect(plan({ warmup: 0 }).warmupRequests).toBe(0);
  });

  test("lets a duration alone decide, and both together where both are given", () => {
    expect(plan({ duration: "2s" })).toEqual({ requests: null, durationNs: 2e9, concurrency: 10, warmupRequests: 10 });
    expect(plan({ duration: 500 }, { requests: "--requests" })).toMatchObject({ requests: 100, durationNs: 5e8 });
  });
});

describe("files", () => {
  test("are replaced whole, and leave nothing behind when they cannot be", async () => {
    const { cwd } = await createFakeIo();
    await writeFileAtomically("a.txt", "one", cwd);
    await writeFileAtomically("a.txt", "two", cwd);
    expect(await readFile(join(cwd, "a.txt"), "utf8")).toBe("two");
    await expect(writeFileAtomically(".", "x", cwd)).rejects.toMatchObject({ code: "FILE_FAILED" });
    expect(await readdir(cwd)).toEqual(["a.txt"]);
  });

  test("of lines keep every line in order, and make writers wait when the disk is slow", async () => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, "l.jsonl"), "old\n");
    const file = await createLineFile("l.jsonl", cwd, () => undefined);
    const long = "x".repeat(1_000_000);
    for (let index = 0; index < 12; index += 1) {
      file.append(`${index}${long}`);
      await file.ready();
    }
    await file.close();
    const lines = (await readFile(join(cwd, "l.jsonl"), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => line.length)).toEqual(Array.from({ length: 12 }, (_, index) => 1_000_000 + String(index).length));
  });
});

describe("progress", () => {
  const record = (kind: "ok" | "error"): RequestRecord =>
    ({ outcome: { kind }, attempts: [{ sentNs: 0 }], arrivals: { atNs: [60e6], kind: ["text"] } }) as unknown as RequestRecord;

  test("writes a line every few seconds where there is no terminal, and nothing for a short run", async () => {
    const clock = createVirtualClock();
    const io = { ...(await createFakeIo()), clock };
    const progress = startProgress({ io, label: "sim", requests: 20, durationNs: null });
    progress.add(record("ok"));
    progress.add(record("error"));
    clock.advance(4e9);
    expect(io.err()).toBe("");
    clock.advance(2e9);
    expect(io.err()).toBe("sim · 2/20 requests · 1 failed · TTFT 60.0 ms lately · 5.00 s\n");
    await progress.stop();
    clock.advance(10e9);
    expect(io.err().split("\n")).toHaveLength(2);
  });

  test("redraws one line on a terminal at most ten times a second, and takes it away", async () => {
    const clock = createVirtualClock();
    const io = { ...(await createFakeIo({ isTty: true })), clock };
    const progress = startProgress({ io, label: "sim", requests: null, durationNs: 10e9 });
    clock.advance(1e9);
    await progress.stop();
    const drawn = io.err().split("\r\u001b[2K").slice(1);
    expect(drawn).toHaveLength(11);
    expect(drawn[0]).toBe("sim · 0 requests · 100 ms of 10.0 s");
    expect(drawn.at(-1)).toBe("");
  });
});

describe("words", () => {
  test("the nearest word is one that could have been meant", () => {
    expect(nearest("concurency", ["concurrency", "duration"])).toBe("concurrency");
    expect(nearest("jsno", ["console", "json"])).toBe("json");
    expect(nearest("xml", ["console", "json"])).toBeNull();
    expect(nearest("", ["a"])).toBe("a");
  });

  test("what comes from elsewhere is one harmless line", () => {
    expect(oneLine("a\r\n  b\u001b[31m\u202ec")).toBe("a b[31mc");
  });

  test("a URL is shown without what may be secret", () => {
    expect(shownUrl("https://example.com/v1")).toBe("https://example.com/v1");
    expect(shownUrl("https://u:p@example.com/v1?key=abc&x=1")).toBe("https://example.com/v1?key=***&x=1");
    expect(shownUrl("not a url")).toBe("***");
  });
});

describe("exit codes", () => {
  test("tell misuse, failed requests and bugs apart", () => {
    expect(exitCodeOf(new LensError("MISSING_KEY", ""))).toBe(2);
    expect(exitCodeOf(new LensError("FILE_FAILED", ""))).toBe(2);
    expect(exitCodeOf(new LensError("CONNECTION_REFUSED", ""))).toBe(3);
    expect(exitCodeOf(new LensError("INTERNAL", ""))).toBe(1);
    expect(exitCodeOf(new Error("bug"))).toBe(1);
  });
});
