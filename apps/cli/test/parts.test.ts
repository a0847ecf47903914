import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LensError, nearest } from "@lens/core";
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../src/exit-codes.ts";
import { writeFileAtomically } from "../src/files.ts";
import { openLineFile } from "../src/line-file.ts";
import { oneLine } from "../src/printable.ts";
import { shownUrl } from "../src/secrets.ts";
import { splitTarget } from "../src/targets.ts";
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
    const file = await openLineFile("l.jsonl", { cwd, onFailure: () => undefined });
    const long = "x".repeat(1_000_000);
    for (let index = 0; index < 12; index += 1) {
      file.append(`${index}${long}\n`);
      await file.ready();
    }
    await file.close();
    const lines = (await readFile(join(cwd, "l.jsonl"), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => line.length)).toEqual(Array.from({ length: 12 }, (_, index) => 1_000_000 + String(index).length));
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
