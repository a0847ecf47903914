import { readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adapters } from "@lens/providers";
import { describe, expect, test } from "vitest";
import { readCommandLine } from "../src/command-line.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { main } from "../src/main.ts";
import { COMMANDS } from "../src/command-table.ts";
import { createFakeIo, lens } from "./fake-io.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))].map((match) => match[1] ?? "");

/** The words of a command line in which only double quotes are used. */
const words = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");

const examples = blocks("sh").flatMap((block) => block.split("\n").filter((line) => line.startsWith("lens ")));

describe("the README", () => {
  test.each(examples)("%s is a command line that is understood", async (line) => {
    expect(await readCommandLine(words(line).slice(1), 80)).toMatchObject({ kind: "command" });
  });

  test.each(examples.filter((line) => / sim:/.test(line) && !line.includes("fault")))("%s works", async (line) => {
    const io = await createFakeIo();
    expect(await main(words(line).slice(1), io)).toBe(0);
    expect(io.out()).toContain("TTFT");
  });

  test("has the exit codes of the program, and no others", () => {
    const codes = [...readme.matchAll(/^\| +(\d+) +\|/gm)].map((match) => Number(match[1]));
    expect(codes).toEqual(Object.values(EXIT_CODES));
  });

  test("has every command and every provider", () => {
    for (const [name, { aliases }] of Object.entries(COMMANDS))
      for (const word of [`lens ${name}`, ...aliases]) expect(readme).toContain(`\`${word}\``);
    for (const { id } of adapters) expect(readme).toContain(`\`${id}\``);
  });

  test("shows a configuration that is accepted", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "lens-readme-"));
    await writeFile(join(cwd, "lens.config.yaml"), blocks("yaml").join(""));
    const { code, out } = await lens("config --json", { cwd });
    expect(code).toBe(0);
    const { settings } = JSON.parse(out) as { settings: Record<string, { value: unknown }> };
    expect(settings.maxErrorRate?.value).toBe(0.02);
    expect(settings.targets?.value).toHaveLength(2);
  });
});
