import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { FileFormat, FileSpec } from "../src/index.ts";
import { example, promptsOf, received, textOf, withFile } from "./asking.ts";

const user = (content: unknown): { readonly messages: readonly unknown[] } => ({ messages: [{ role: "user", content }] });

const file = (name: string, format: FileFormat, more: Partial<FileSpec> = {}): FileSpec => ({
  kind: "file",
  path: example(name),
  format,
  ...more,
});

describe("a file of prompts, as the simulator receives it", () => {
  it("is JSONL: texts, and objects whose fields are variables", async () => {
    expect(await received(file("questions.jsonl", "jsonl"), 4)).toEqual([
      user("Why is the sky blue?"),
      { ...user("Explain tides to a child of 7."), max_completion_tokens: 120 },
      user("How does a lens bend light?"),
      user("Why is the sky blue?"),
    ]);
  });

  it("is CSV, whose columns fill a template", async () => {
    const template = "Describe {{product}} in {{ language }}.";
    expect(await received(file("products.csv", "csv", { template }), 3)).toEqual([
      user("Describe Kettle, 1.7 l in German."),
      user('Describe A "smart" lamp in French.'),
      user("Describe Umbrella\nfor two in Japanese."),
    ]);
  });

  it("is lines of text, with values from elsewhere", async () => {
    expect(await received(file("lines.txt", "lines", { values: { place: "Mars" } }), 3)).toEqual([
      user("Name three rivers of Europe."),
      user("What is the boiling point of water on Mars?"),
      user("Write a haiku about a train."),
    ]);
  });

  it("is one text", async () => {
    expect(await received(file("essay.md", "text"), 1)).toEqual([user(readFileSync(example("essay.md"), "utf8"))]);
  });

  it("is ShareGPT's JSON, of which the first question is asked", async () => {
    expect(await received(file("chats.json", "json"), 2)).toEqual([
      user("What is a prism?"),
      {
        messages: [
          { role: "system", content: "Answer in one sentence." },
          { role: "user", content: "Was ist ein Spiegel? 鏡とは何ですか。" },
        ],
      },
    ]);
  });

  it("is requests of OpenAI's, whose images and tools are left as they are", async () => {
    const written = readFileSync(example("requests.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const [picture, weather, batch] = written;
    const { max_tokens, ...rest } = picture ?? {};
    const { model: _model, ...body } = (batch?.body ?? {}) as Record<string, unknown>;
    expect(await received(file("requests.jsonl", "jsonl"), 3)).toEqual([{ ...rest, max_completion_tokens: max_tokens }, weather, body]);
  });

  it("has the settings that a prompt leaves open", async () => {
    const defaults = { system: "Be brief.", temperature: 0.5, maxTokens: 9 };
    const outputTokens = { distribution: "fixed", tokens: 11 } as const;
    const [first] = await received(file("questions.jsonl", "jsonl", { defaults, outputTokens }), 1);
    expect(first).toEqual({
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Why is the sky blue?" },
      ],
      temperature: 0.5,
      max_completion_tokens: 11,
    });
  });
});

describe("a file of prompts", () => {
  it("tells the line of each prompt", async () => {
    const prompts = await promptsOf(file("products.csv", "csv", { template: "{{product}}" }), 3);
    expect(prompts.map(({ mark }) => mark?.entry)).toEqual([2, 3, 4]);
  });

  it("is read as it was indexed, however long it is", async () => {
    const rows = Array.from({ length: 16_000 }, (_, row) => `"row ${row}, ""q""\n${"é".repeat(row % 60)}",${row}`);
    await withFile("long.csv", `\uFEFFtext,number\r\n${rows.join("\r\n")}\r\n`, async (path) => {
      const prompts = await promptsOf({ kind: "file", path, format: "csv", template: "{{number}} {{text}}", order: "shuffled" }, 2_000);
      const numbers = prompts.map((prompt) => {
        const [, number, row, tail = ""] = /^(\d+) row (\d+), "q"\n(é*)$/.exec(textOf(prompt)) ?? [];
        expect([number, tail.length]).toEqual([row, Number(row) % 60]);
        return Number(number);
      });
      expect(new Set(numbers).size).toBe(2_000);
      expect(numbers.slice(0, 3)).not.toEqual([0, 1, 2]);
    });
  });

  it("is a list of JSON on one line, or objects one after the other", async () => {
    const written = [
      '[{"prompt":"a, ]"},"b \\" }", {"prompt":"c","x":[1,{"y":"["}]}]',
      '{"prompt":"a, ]"}\n{"prompt":"b \\" }"}\n\n{"prompt":"c"}\n',
    ];
    for (const text of written) {
      await withFile("list.json", text, async (path) => {
        expect((await promptsOf({ kind: "file", path, format: "json" }, 3)).map(textOf)).toEqual(["a, ]", 'b " }', "c"]);
      });
    }
  });
});

describe("a broken file of prompts", () => {
  const open = (name: string, text: string, format: FileFormat, more: Partial<FileSpec> = {}): Promise<readonly string[]> =>
    withFile(name, text, async (path) => (await promptsOf({ kind: "file", path, format, ...more }, 3)).map(textOf));

  it.each([
    ["JSON that breaks off", "a.jsonl", '{"prompt":"a"}\n{"prompt":"b"', "jsonl", "line 2, column 14"],
    ["JSON with a mistake", "a.jsonl", '"a"\n\n  {"prompt": x}', "jsonl", "line 3, column 14"],
    ["a mistake in a list", "a.json", '[\n  {"prompt": "a"},\n  {\n    "prompt": "b",,\n  }\n]', "json", "line 4, column 19"],
    ["a list that breaks off", "a.json", '[\n  {"prompt": "a"}', "json", "line 2, column 18"],
    ["something that is no prompt", "a.jsonl", '"a"\n17', "jsonl", "line 2, column 1"],
    ["a prompt that is no text", "a.jsonl", '{"id": 1, "prompt": 17}', "jsonl", "line 1, column 11"],
    ["a variable without a value", "a.jsonl", '{"prompt":"{{name}}","nam":1}', "jsonl", "`{{name}}`, got only `prompt`, `nam`"],
    ["a limit below one", "a.jsonl", '{"prompt":"a","max_tokens":0}', "jsonl", "`max_tokens` to be a whole number from 1 up, got `0`"],
    ["too few fields", "a.csv", 'prompt,b\n"x\ny",1\nz\n', "csv", "line 4, column 2"],
    ["a quote that never ends", "a.csv", 'prompt,b\nx,"1\nz,2\n', "csv", "breaks off"],
    ["a column twice", "a.csv", "a,b,a\n1,2,3\n", "csv", "`a` twice"],
    ["no column to ask", "a.csv", "a,b\n1,2\n", "csv", "`--template`"],
    ["nothing", "a.jsonl", "\n \n", "jsonl", "Expected prompts in"],
    ["a header alone", "a.csv", "prompt\n", "csv", "Expected prompts in"],
    ["an unknown speaker", "a.json", '[{"conversations":[{"from":"x","value":"a"}]}]', "json", "line 1, column 21"],
    ["messages without a role", "a.jsonl", '{"messages":[{"content":"a"}]}', "jsonl", "`role`"],
  ])("with %s is refused by line and column", async (_what, name, text, format, expected) => {
    await expect(open(name, text, format as FileFormat)).rejects.toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    await expect(open(name, text, format as FileFormat)).rejects.toThrow(expected);
  });

  it("does without its broken entries where that is wanted", async () => {
    const text = '"a"\n{"prompt":}\n"b"\n[1]\n"c"\n';
    expect(await open("a.jsonl", text, "jsonl", { onBadLine: "skip" })).toEqual(["a", "b", "c"]);
    await expect(open("a.jsonl", "17\n18\n", "jsonl", { onBadLine: "skip" })).rejects.toThrow("all 2 of its entries are broken");
  });

  it("that is not there is told as such", async () => {
    await expect(promptsOf({ kind: "file", path: "/nowhere/a.csv", format: "csv" }, 1)).rejects.toThrow(
      expect.objectContaining({ code: "FILE_FAILED" }),
    );
  });

  it("with no weight above 0 cannot be asked by weight", async () => {
    const weights = '{"prompt":"a","weight":0}\n';
    await expect(open("a.jsonl", weights, "jsonl", { order: "weighted" })).rejects.toThrow("weight above 0");
    await expect(open("a.jsonl", '{"prompt":"a","weight":-1}\n', "jsonl")).rejects.toThrow("`weight`");
  });
});

describe("the order of a file's prompts", () => {
  const lines = Array.from({ length: 10 }, (_, line) => `line ${line}`);
  const orderOf = (order: NonNullable<FileSpec["order"]>, turns: number, seed = 1): Promise<readonly string[]> =>
    withFile("ten.txt", lines.join("\n"), async (path) =>
      (await promptsOf({ kind: "file", path, format: "lines", order }, turns, seed)).map(textOf),
    );

  it("is theirs unless something else is wanted", async () => {
    expect(await orderOf("in-turn", 12)).toEqual([...lines, "line 0", "line 1"]);
  });

  it("is drawn anew each time round, by the seed", async () => {
    const shuffled = await orderOf("shuffled", 30);
    const rounds = [0, 10, 20].map((from) => shuffled.slice(from, from + 10));
    for (const round of rounds) expect(round.toSorted()).toEqual(lines);
    expect(new Set([lines, ...rounds].map(String)).size).toBe(4);
    expect(await orderOf("shuffled", 30)).toEqual(shuffled);
    expect(await orderOf("shuffled", 30, 2)).not.toEqual(shuffled);
  });

  it("is by chance, each as often as its weight says", async () => {
    const text = '{"prompt":"a","weight":1}\n{"prompt":"never","weight":0}\n{"prompt":"b","weight":3}\n';
    await withFile("weights.jsonl", text, async (path) => {
      const asked = (await promptsOf({ kind: "file", path, format: "jsonl", order: "weighted" }, 2_000)).map(textOf);
      const often = asked.filter((prompt) => prompt === "b").length;
      // Four standard deviations of a binomial of 2,000 at 3/4.
      expect(Math.abs(often - 1_500)).toBeLessThan(78);
      expect(asked).not.toContain("never");
    });
  });
});
