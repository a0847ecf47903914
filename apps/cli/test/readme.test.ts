import { readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adapters } from "@lens/providers";
import { describe, expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { COMMANDS } from "../src/command-table.ts";
import { lens } from "./fake-io.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))].map((match) => match[1] ?? "");

describe("the README", () => {
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
