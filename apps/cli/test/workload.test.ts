import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Report } from "@lens/metrics";
import { type Scenario, startSimulator } from "@lens/sim";
import { describe, expect, test } from "vitest";
import { lens, QUICK } from "./fake-io.ts";

const EXAMPLES = resolve(import.meta.dirname, "../../../examples/prompts");
const countWords = (text: string): number => [...text.matchAll(/\p{L}{1,6}|\p{N}/gu)].length + 9;

/** Runs `lens ARGS` against a simulator, and says what that was sent. */
async function measure(args: readonly string[], scenario: Partial<Scenario> = {}) {
  const bodies: string[] = [];
  const simulator = await startSimulator({
    scenario: { ...QUICK, ...scenario },
    countTokens: countWords,
    onBody: (body) => bodies.push(body),
  });
  const ran = await lens(["bench", "openai-compatible:m", "--base-url", simulator.baseUrls.openai, "--json", ...args], { cwd: EXAMPLES });
  await simulator.close();
  const requests = bodies.map((body) => JSON.parse(body) as { messages: { content: string }[]; max_tokens?: number });
  return { ...ran, bodies, requests, texts: requests.map(({ messages }) => messages.map(({ content }) => content).join("\n")) };
}

const reportOf = (out: string): Report => JSON.parse(out) as Report;
const ONE_BY_ONE = ["-c", "1", "--warmup", "0"];

describe("a benchmark of a file of prompts", () => {
  test("asks its entries in turn, and says nothing of them in the manifest", async () => {
    const { code, out, texts } = await measure([
      "--prompt-file",
      "products.csv",
      "--template",
      "{{greeting}} {{product}}",
      "--var",
      "greeting=Hi, my = sign:",
      "-n",
      "4",
      ...ONE_BY_ONE,
    ]);
    expect(code).toBe(0);
    expect(texts).toEqual(
      ["Kettle, 1.7 l", 'A "smart" lamp', "Umbrella\nfor two", "Kettle, 1.7 l"].map((name) => `Hi, my = sign: ${name}`),
    );
    expect(out).not.toContain("sign");
    expect(reportOf(out).run.options).toMatchObject({ promptSha256: expect.stringMatching(/^[0-9a-f]{12}$/), promptChars: 28 });
    expect(reportOf(out).run.seed).toBeNull();
  });

  test("asks the same in another order when that is wanted, by the seed", async () => {
    const shuffled = [
      "--prompt-file",
      "lines.txt",
      "--prompt-format",
      "lines",
      "--var",
      "place=Mars",
      "--order",
      "shuffled",
      "--seed",
      "5",
      "-n",
      "9",
    ];
    const one = await measure([...shuffled, ...ONE_BY_ONE]);
    const other = await measure([...shuffled, ...ONE_BY_ONE]);
    expect(one.bodies).toEqual(other.bodies);
    expect(new Set(one.texts).size).toBe(3);
    expect(reportOf(one.out).run.seed).toBe(5);
  });

  test("counts what is broken and left out, or sends nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lens-prompts-"));
    const file = join(folder, "a.jsonl");
    await writeFile(file, '"one"\n{"prompt"}\n"two"\n');
    const skipped = await measure(["--prompt-file", file, "--bad-lines", "skip", "-n", "3", ...ONE_BY_ONE]);
    expect(skipped.texts).toEqual(["one", "two", "one"]);
    expect(reportOf(skipped.out).notes).toContain(`1 broken entry was left out of \`${file}\`.`);
    const stopped = await measure(["--prompt-file", file, "-n", "3"]);
    expect(stopped).toMatchObject({ code: 2, bodies: [], out: "" });
    expect(stopped.err).toContain(`Expected JSON, got something else, in \`${file}\`, line 2, column 10.`);
  });
});

describe("a benchmark of synthetic prompts", () => {
  const args = ["--input-tokens", "normal:400,40", "--output-tokens", "uniform:1,3", "--tokenizer", "estimate", "--seed", "9"];

  test("meets the lengths in the tokens of the server, and shows what was asked, sent and reported", async () => {
    const { code, out, bodies, requests } = await measure([...args, "-n", "60", "-c", "4"]);
    expect(code).toBe(0);
    const [group] = reportOf(out).groups;
    const { workload, tokens } = group ?? {};
    expect(Math.abs((workload?.askedInput.meanTokens ?? 0) - 400)).toBeLessThan(25);
    expect(workload).toMatchObject({ askedInput: { count: 60 }, sentInput: { count: 60 }, countedBy: { gpt: 0, estimate: 60 } });
    const asked = workload?.askedInput.meanTokens ?? 0;
    expect(Math.abs((tokens?.inputPerRequest.meanTokens ?? 0) / asked - 1)).toBeLessThan(0.05);
    expect(workload?.askedOutput).toMatchObject({ minTokens: 1, maxTokens: 3 });
    expect(tokens?.outputPerRequest.maxTokens).toBe(3);
    // One ahead of the others taught how the server counts, and is in no figure.
    expect(group?.excluded.warmup).toBe(5);
    expect(bodies).toHaveLength(65);
    expect(requests[0]?.max_tokens).toBe(16);
    const again = await measure([...args, "-n", "60", "-c", "4"]);
    expect(again.bodies.toSorted()).toEqual(bodies.toSorted());
  });

  test("share no beginning, whatever the level or the target, and no run is like the one before", async () => {
    const few = ["--input-tokens", "20", "--tokenizer", "estimate", "-n", "5", "-c", "1,2", "--warmup", "2"];
    const one = await measure(few);
    const other = await measure(few);
    const beginnings = [...one.texts, ...other.texts].map((text) => text.slice(0, 16));
    expect(beginnings).toHaveLength(30);
    expect(new Set(beginnings).size).toBe(30);
    expect(reportOf(one.out).run.seed).not.toBe(reportOf(other.out).run.seed);
  });

  test("show what was cached beside what was not, and warn of the mixture", async () => {
    const cached = ["--input-tokens", "200", "--tokenizer", "estimate", "--shared-prefix-tokens", "150", "--shared-prefix-share", "50%"];
    const { out } = await measure([...cached, "--seed", "3", "-n", "40", ...ONE_BY_ONE], { cacheBlockTokens: 8 });
    const [group] = reportOf(out).groups;
    const shared = group?.workload?.sharedPrefix ?? 0;
    expect(shared).toBeGreaterThan(8);
    expect(group?.cache).toMatchObject({ cached: { requests: shared - 1 }, uncached: { requests: 41 - shared } });
    expect(reportOf(out).notes.join("\n")).toContain(`of which there are ${shared - 1} and ${41 - shared}`);
  });

  test("are not sent where something is wrong with the options", async () => {
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [["--input-tokens", "0"], "`--input-tokens` to be a number of tokens from 1 up"],
      [["--input-tokens", "uniform:9,2"], "`--input-tokens`"],
      [["--output-tokens", "0"], "`--output-tokens`"],
      [["--input-tokens", "10", "--shared-prefix-tokens", "10"], "shorter than the prompts"],
      [["--cache", "shared"], "`--shared-prefix-tokens`"],
      [["--cache", "bust", "--shared-prefix-tokens", "9"], "`--cache shared`"],
      [["--template", "x"], "`--prompt-file`"],
      [["--prompt", "Hello {{name}}"], "`--var name=…`"],
      [["--var", "novalue"], "`--var`"],
      [["--input-tokens", "10", "--shard", "1/2"], "`--seed`"],
    ];
    for (const [options, expected] of wrong) {
      const { code, err, bodies } = await measure([...options, "-n", "1"]);
      expect([code, bodies.length]).toEqual([2, 0]);
      expect(err).toContain(expected);
    }
  });
});

describe("a profile", () => {
  test("asks the first prompt of a file", async () => {
    const simulator = await startSimulator({ scenario: QUICK });
    const target = ["profile", "openai-compatible:m", "--base-url", simulator.baseUrls.openai, "--json"];
    const { code, out } = await lens([...target, "--prompt-file", "questions.jsonl"], { cwd: EXAMPLES });
    await simulator.close();
    expect(code).toBe(0);
    expect((JSON.parse(out) as { record: unknown }).record).toMatchObject({ workload: { entry: 1 } });
  });
});

describe("lens dataset inspect", () => {
  test("says what a file holds", async () => {
    const { code, out } = await lens(["dataset", "inspect", "chats.json"], { cwd: EXAMPLES });
    expect(code).toBe(0);
    expect(out).toMatch(/^file {6}chats\.json \(json\)\nentries {3}2\ntokens {4}\d+ to \d+, median/);
    expect(out).toContain("turns     1 to 2, median 1, mean 1.50, p95 2\n\nfirst\n  2: What is a prism?\n");
  });

  test("tells problems by file, line and column, and by its exit code", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lens-prompts-"));
    await writeFile(join(folder, "a.csv"), "prompt\nfine\n{{missing}}\n");
    const { code, out } = await lens(["dataset", "inspect", "a.csv"], { cwd: folder });
    expect(code).toBe(2);
    expect(out).toContain("entries   2, 1 of them broken\n");
    expect(out).toContain("  a.csv:3:1  Expected a value for `{{missing}}`, got only `prompt`\n");
    const json = await lens(["dataset", "inspect", "a.csv", "--json", "--var", "missing=x"], { cwd: folder });
    expect(JSON.parse(json.out)).toMatchObject({ schema: 1, file: "a.csv", entries: 2, broken: 0 });
    expect(json.code).toBe(0);
  });

  test("asks for a file", async () => {
    expect((await lens("dataset inspect")).err).toContain("Expected `lens dataset inspect FILE`, got no file.");
    expect((await lens("dataset look a.csv")).err).toContain("got `look`");
  });
});
