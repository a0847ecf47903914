import { describe, expect, test } from "vitest";
import { faultOfOther } from "./other-programs.ts";
import { partNotPrinted, stepsOf } from "./page-steps.ts";
import { commandsOf } from "./shell.ts";
import { isForeign } from "./tamed.ts";

const wordsIn = (text: string): readonly (readonly string[])[] => commandsOf(text).map(({ words }) => words);

describe("a block of commands", () => {
  test("is read word by word, as a shell reads it", () => {
    expect(wordsIn(`lens a "b c" 'd #e' f"g h"i\n# nothing\nlens \\\n  --long # said`)).toEqual([
      ["lens", "a", "b c", "d #e", "fg hi"],
      ["lens", "--long"],
    ]);
  });

  test("has commands that stand in one line, with what is said beside them", () => {
    const [first, second, third] = commandsOf("A=1 B= lens x > out.json 2>/dev/null | head -c 3 && cat < in.json # exit code 3");
    expect(first).toMatchObject({ env: { A: "1", B: "" }, words: ["lens", "x"], output: "out.json", isPiped: false });
    expect(second).toMatchObject({ words: ["head", "-c", "3"], isPiped: true });
    expect(third).toMatchObject({ words: ["cat"], input: "in.json", isPiped: false, comment: "exit code 3" });
  });

  test("has the lines that its commands begin in", () => {
    expect(commandsOf('a \\\n  b\n\nc "\n" d\ne').map(({ line }) => line)).toEqual([0, 3, 5]);
  });

  test("may hold a loop, of which the commands count", () => {
    expect(wordsIn("for i in 1 2; do kubectl logs $i | grep x; done")).toEqual([
      ["kubectl", "logs", "$i"],
      ["grep", "x"],
    ]);
  });

  test("is refused where it is more than a page should need", () => {
    expect(() => commandsOf("cat <<EOF\nEOF")).toThrow("here-document");
    expect(() => commandsOf('lens "open')).toThrow("Expected a command line");
  });
});

describe("shown output", () => {
  const block = { page: "a.md", line: 1, language: "console", section: "", text: "$ lens a\nTTFT  12.5 ms\n…\n3 of 4\n$ lens b" };

  test("belongs to the command above it", () => {
    expect(stepsOf(block).map(({ words, line, shown }) => [words[1], line, shown])).toEqual([
      ["a", 0, "TTFT  12.5 ms\n…\n3 of 4\n"],
      ["b", 4, ""],
    ]);
  });

  test("has to come, but for figures and what is left out", () => {
    const shown = "TTFT  12.5 ms\n…\n3 of 4\n";
    expect(partNotPrinted(shown, "TTFT 9 µs ±3\nmore\n1 of 1\n")).toBeNull();
    expect(partNotPrinted(shown, "TTFT 9 µs ±3\n1 in 1\n")).toBe("# of #");
  });
});

describe("a command of another program", () => {
  test.each([
    ["npm run nothing", "package.json has no script `nothing`"],
    ["npm install left-pad", "`left-pad` is neither ours nor in the catalog of pnpm-workspace.yaml"],
    ["npx nothing", "nothing installs the program `nothing`"],
    ["make nothing", "the Makefile has no target `nothing`"],
    ["node nothing.mjs", "there is no `nothing.mjs`"],
    ["docker compose --file=docker/nothing.yml up", "there is no `docker/nothing.yml`"],
    ["nothing", "`nothing` is not understood: tooling/test/other-programs.ts lists what is"],
  ])("%s is a fault", (line, fault) => {
    expect(faultOfOther(line.split(" "))).toBe(fault);
  });

  test.each(["npm start", "npm install @lens/core vitest@4", "npx pnpm install", "make help", "kubectl apply -f docker/kubernetes/*.yaml"])(
    "%s is none",
    (line) => {
      expect(faultOfOther(line.split(" "))).toBeNull();
    },
  );
});

test("a target of another machine is known by its provider", () => {
  expect(["openai:gpt-6-luna", 'targets: ["vllm:my-model"]'].map(isForeign)).toEqual([true, true]);
  expect(["sim:openai/sim", "x-team: search", "http://127.0.0.1:80", "vs main: ttft p50 < +10%"].filter(isForeign)).toEqual([]);
});
