import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configSchema } from "../src/config-schema.ts";
import { configJsonSchema } from "../src/json-schema.ts";
import { SETTING_NAMES } from "../src/options.ts";
import { createFakeIo, lens } from "./fake-io.ts";

interface Shown {
  readonly file: string | null;
  readonly keys: readonly string[];
  readonly settings: Readonly<Record<string, { readonly value: unknown; readonly source: string }>>;
}

async function shown(args: string, options: Parameters<typeof lens>[1] = {}): Promise<Shown> {
  const { out, code } = await lens(`config --json ${args}`, options);
  expect(code).toBe(0);
  return JSON.parse(out) as Shown;
}

describe("config", () => {
  test("shows every setting and where it comes from", async () => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, "lens.config.yaml"), "concurrency: 3\nrequests: 30\nretries: 1\n");
    const { settings, file } = await shown("-n 5", { cwd, env: { LENS_REQUESTS: "7", LENS_RETRIES: "2" } });
    expect(settings.requests).toEqual({ value: 5, source: "--requests" });
    expect(settings.retries).toEqual({ value: 2, source: "variable LENS_RETRIES" });
    expect(settings.concurrency).toEqual({ value: 3, source: "concurrency in lens.config.yaml" });
    expect(settings.quiet).toEqual({ value: false, source: "default" });
    expect(settings.model).toEqual({ value: null, source: "not set" });
    expect(Object.keys(settings)).toEqual(SETTING_NAMES);
    expect(file).toBe(join(cwd, "lens.config.yaml"));
  });

  test("never shows a key, a secret header, a password or a prompt", async () => {
    const canary = "canary-9f3";
    const { cwd } = await createFakeIo();
    const target = {
      target: "openai:x",
      baseUrl: `https://me:${canary}@example.com/v1?api-key=${canary}&v=1`,
      headers: { "X-Api-Key": canary, "x-trace": "kept" },
    };
    await writeFile(join(cwd, "lens.config.json"), JSON.stringify({ targets: [target], prompt: canary, system: canary }));
    const options = { cwd, env: { OPENAI_API_KEY: canary } };
    const args = `config --header Authorization:${canary} --header Cookie:${canary} --header x-team:blue`;
    const people = await lens(args, options);
    const machines = await lens(`${args} --json`, options);
    expect(people.out + machines.out + people.err).not.toContain(canary);
    const { settings, keys } = JSON.parse(machines.out) as Shown;
    expect(settings.headers?.value).toEqual({ authorization: "***", cookie: "***", "x-team": "blue" });
    expect(settings.targets?.value).toEqual([
      { target: "openai:x", baseUrl: "https://example.com/v1?api-key=***&v=1", headers: { "X-Api-Key": "***", "x-trace": "kept" } },
    ]);
    expect(keys).toEqual(["OPENAI_API_KEY"]);
    expect(people.out).toContain("keys: OPENAI_API_KEY=***");
  });

  test.each([
    ["lens.config.json", '{"$schema": "./schema.json", "requests": 4}'],
    ["lens.config.yml", "requests: 4"],
    ["lens.config.js", "export default { requests: 4 }"],
    ["lens.config.mjs", "export default { requests: 4 }"],
    ["lens.config.cjs", "module.exports = { requests: 4 }"],
  ])("reads %s", async (name, content) => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, name), content);
    if (name.endsWith(".js")) await writeFile(join(cwd, "package.json"), '{"type": "module"}');
    expect((await shown("", { cwd })).settings.requests).toEqual({ value: 4, source: `requests in ${name}` });
  });

  test("--config and LENS_CONFIG name another file", async () => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, "a.yaml"), "requests: 1");
    await writeFile(join(cwd, "b.yaml"), "requests: 2");
    expect((await shown("", { cwd, env: { LENS_CONFIG: "a.yaml" } })).settings.requests?.value).toBe(1);
    expect((await shown("--config b.yaml", { cwd, env: { LENS_CONFIG: "a.yaml" } })).settings.requests?.value).toBe(2);
  });

  test("a higher source puts the rival setting of a lower one out of force", async () => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, "lens.config.yaml"), "prompt: hello\njson: true\ntargets: ['sim:']\n");
    const { settings } = await shown("--provider openai --model x", { cwd, env: { LENS_PROMPT_FILE: "p.txt" } });
    expect(settings.targets).toEqual({ value: null, source: "not set" });
    expect(settings.promptFile).toEqual({ value: "p.txt", source: "variable LENS_PROMPT_FILE" });
    expect(settings.prompt?.source).toBe("default");
  });

  test("reads targets and headers from the environment", async () => {
    const { settings } = await shown("", {
      env: { LENS_TARGETS: "sim:a, sim:b", LENS_HEADERS: "x-a: 1\nx-b: 2", LENS_QUIET: "yes", LENS_MODEL: "" },
    });
    expect(settings.targets?.value).toEqual(["sim:a", "sim:b"]);
    expect(settings.headers?.value).toEqual({ "x-a": "1", "x-b": "2" });
    expect(settings.quiet?.value).toBe(true);
    expect(settings.model?.source).toBe("not set");
  });

  test("tells of variables that look like settings and are none", async () => {
    const { err } = await lens("config", { env: { LENS_CONCURENCY: "5" } });
    expect(err).toBe("lens: `LENS_CONCURENCY` is set but is no setting; it is ignored.\n");
  });
});

describe("the published JSON Schema", () => {
  test("is the one of the code (write it anew with LENS_WRITE_SCHEMA=1)", async () => {
    const path = new URL("../schema/lens.config.schema.json", import.meta.url);
    const text = `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
    if (process.env.LENS_WRITE_SCHEMA === "1") await writeFile(path, text);
    expect(await readFile(path, "utf8")).toBe(text);
  });

  test("describes every setting", () => {
    const properties = configJsonSchema().properties as Record<string, { description?: string }>;
    expect(Object.keys(properties).toSorted()).toEqual(["$schema", ...Object.keys(configSchema.shape)].toSorted());
    expect(Object.entries(properties).filter(([name, { description }]) => name !== "$schema" && description === undefined)).toEqual([]);
  });
});
