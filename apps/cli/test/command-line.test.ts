import { describe, expect, test } from "vitest";
import { version } from "../package.json";
import { complete } from "../src/commands/completion.ts";
import { COMMANDS } from "../src/command-table.ts";
import { lens } from "./fake-io.ts";

describe("help and version", () => {
  test("prints the version alone", async () => {
    expect(await lens("--version")).toMatchObject({ code: 0, out: `${version}\n`, err: "" });
  });

  test("prints the commands without an argument or with --help", async () => {
    const [bare, asked] = [await lens(""), await lens("--help")];
    expect(bare.out).toBe(asked.out);
    for (const name of Object.keys(COMMANDS)) expect(bare.out).toContain(`lens ${name}`);
    expect([bare.code, bare.err]).toEqual([0, ""]);
  });

  test.each(Object.keys(COMMANDS))("prints the options of %s within 80 columns", async (name) => {
    const { code, out, err } = await lens(`${name} --help`);
    expect(out.split("\n")[0]).toContain(`lens ${name}`);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect([code, err]).toEqual([0, ""]);
  });

  test.each([
    ["bench", "benchmark"],
    ["prof", "profile"],
    ["val", "validate"],
  ])("knows %s as %s", async (alias, name) => {
    expect((await lens(`${alias} --help`)).out).toBe((await lens(`${name} --help`)).out);
  });
});

describe("completion", () => {
  test.each(["bash", "zsh", "fish"])("prints a script for %s that asks the program", async (shell) => {
    const { code, out } = await lens(`completion ${shell}`);
    expect(out).toContain("lens --complete");
    expect(code).toBe(0);
  });

  test("takes the shell from the environment where none is named", async () => {
    expect((await lens("completion", { env: { SHELL: "/usr/bin/fish" } })).out).toContain("complete -c lens");
  });

  test("completes commands, then their flags", async () => {
    expect((await lens("--complete ben")).out).toBe("benchmark\n");
    expect(complete([])).toEqual(Object.keys(COMMANDS));
    expect(complete(["bench", "--conc"])).toEqual(["--concurrency"]);
    expect(complete(["sim", "--tl"])).toEqual(["--tls-cert", "--tls-key"]);
    expect(complete(["export", "--format", "ju"])).toEqual(["junit"]);
    expect(complete(["bench", "-f", "csv,ju"])).toEqual(["csv,junit"]);
    expect(complete(["sim", "-f", "ju"])).toEqual([]);
    expect(complete(["completion", "f"])).toEqual(["fish"]);
    expect(complete(["bench", "sim"])).toEqual([]);
    expect(complete(["nope", "--x"])).toEqual([]);
  });
});
