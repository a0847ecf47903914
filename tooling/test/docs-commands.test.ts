import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Simulator, startSimulator } from "@lens/sim";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { followPage } from "./follow-page.ts";
import { blocksOf, listPages } from "./markdown.ts";
import { commandsOf } from "./shell.ts";

const COMMANDS: readonly string[] = ["sh", "console"];
const pages = listPages().filter((page) => blocksOf(page).some(({ language }) => COMMANDS.includes(language)));

/** The models that any page names: a simulator that has no others says which names are wrong. */
const models = new Set(
  pages.flatMap(blocksOf).flatMap(({ text }) => [...text.matchAll(/(?:^|["'\s])[a-z][a-z-]+:([\w./-]+)/gm)].map(([, model = ""]) => model)),
);

/** Takes whatever it is sent. */
const sink = createServer((request, response) => request.resume().on("end", () => response.end("{}")));
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ scenario: { ttftMs: 2, gapMs: 0, outputTokens: 3, models: [...models] } });
  await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  sink.close();
  await simulator.close();
});

// Most of the time they wait for one another's answers.
describe.concurrent("the commands of", () => {
  test.each(pages)("%s do what the page says", { timeout: 120_000 }, async (page) => {
    const sinkUrl = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
    expect(await followPage(page, { modelsUrl: simulator.baseUrls.openai, sinkUrl })).toEqual([]);
  });
});

test("the README asks for no program that a newcomer lacks", () => {
  const blocks = blocksOf("README.md").filter(({ language }) => language === "sh");
  const programs = new Set(blocks.flatMap(({ text }) => commandsOf(text)).map(({ words }) => words[0] ?? ""));
  const newcomers = ["alias", "cd", "export", "head", "lens", "npm", "npx"];
  expect([...programs].filter((program) => !newcomers.includes(program))).toEqual([]);
});
