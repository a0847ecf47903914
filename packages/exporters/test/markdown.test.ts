import { describe, expect, test } from "vitest";
import { markdownComparisonExporter, markdownExporter } from "../src/index.ts";
import { codeOf, plainOf, tableOf } from "../src/markdown-text.ts";
import { HOSTILE_COMPARISON, SAVED, THREE, TWO, UNDECIDED } from "./comparisons.ts";
import { NAMES, REPORTS } from "./hard-reports.ts";
import { ALL_FAILED, CLOSED_LOOP, EMPTY, GATED, HOSTILE } from "./reports.ts";

const COMPARISONS = { two: TWO, saved: SAVED, three: THREE, undecided: UNDECIDED, hostile: HOSTILE_COMPARISON };

/** The cells of each row of a table, by the rules of GitHub: a bar that follows a backslash separates nothing. */
const rowsOf = (markdown: string): readonly (readonly string[])[] =>
  markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );

/** What is left of Markdown when its code is taken out: what a renderer would look for markup in. */
const withoutCode = (markdown: string): string => markdown.replaceAll(/(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, "");

describe("the report in Markdown", () => {
  test.each(["closed-loop", "open-loop", "gated", "sweep", "all-failed", "empty", "harmful"])(
    "of a run that is %s is as in its golden file",
    async (name) => {
      await expect(markdownExporter.render(REPORTS[name] ?? EMPTY)).toMatchFileSnapshot(`golden/${name}.md`);
    },
  );

  test("begins with whether the thresholds were met, and says of each what became of it", () => {
    const text = markdownExporter.render(GATED);
    expect(text).toMatch(/^❌ \*\*\d of 6 thresholds are not met:\*\* /);
    expect(text).toContain("✅ met |");
    expect(text).toContain("❌ breached |");
    expect(text).toContain("❌ cannot be judged |");
    const met = GATED.thresholds.filter((outcome) => outcome.met === true);
    expect(markdownExporter.render({ ...GATED, thresholds: met })).toMatch(/^✅ \*\*All \d thresholds are met\.\*\*/);
    expect(markdownExporter.render({ ...GATED, thresholds: met.slice(0, 1) })).toMatch(/^✅ \*\*The threshold is met\.\*\*/);
  });

  test("begins with the answer where there are none, and with why where there is no answer", () => {
    expect(markdownExporter.render(CLOSED_LOOP)).toMatch(/^\*\*`openai:gpt-6-sol`\*\*: TTFT p50 \*\*250 ms\*\* \(/);
    expect(markdownExporter.render(ALL_FAILED)).toContain(
      "❌ 5 (100 %) of 5 requests to `openai:gpt-6-sol` not answered: `RATE_LIMITED` 5",
    );
    expect(markdownExporter.render(EMPTY)).toMatch(/^No request was recorded\.\n/);
  });

  test.each(Object.entries(REPORTS))("of a run that is %s keeps its tables whole, and fits into a step's summary", (_name, report) => {
    const text = markdownExporter.render(report);
    for (const table of text.split("\n\n")) {
      const widths = new Set(rowsOf(table).map((cells) => cells.length));
      expect(widths.size).toBeLessThanOrEqual(1);
    }
    expect(Buffer.byteLength(text)).toBeLessThan(100_000);
  });

  test("takes nothing in a name for markup", () => {
    const text = withoutCode(
      markdownExporter
        .render(REPORTS.harmful ?? EMPTY)
        .replaceAll("<details><summary>", "")
        .replaceAll(/<\/\w+>/g, ""),
    );
    expect(text).not.toMatch(/(?<!\\)<(?!!-- -->)/);
    expect(text).not.toMatch(/(?<!\\)\[x/);
    expect(text).not.toMatch(/[@#]\w/);
  });
});

describe("a comparison in Markdown", () => {
  test.each(Object.entries(COMPARISONS))("that is %s is as in its golden file", async (name, comparison) => {
    await expect(markdownComparisonExporter.render(comparison)).toMatchFileSnapshot(`golden/comparison-${name}.md`);
  });

  test("begins with its answer, and ranks where there are several candidates", () => {
    expect(markdownComparisonExporter.render(TWO)).toMatch(/^❌ \*\*B is /);
    expect(markdownComparisonExporter.render(THREE)).toContain("ranking");
  });
});

describe("a name in Markdown", () => {
  test.each([
    ["plain", "`plain`"],
    ["a`b", "``a`b``"],
    ["`a``", "``` `a`` ```"],
    ["two\nlines", "`two lines`"],
    ["", "(no name)"],
  ])("%j is code: %j", (name, code) => {
    expect(codeOf(name)).toBe(code);
  });

  test("is cut where it is ten thousand characters long", () => {
    expect(codeOf("x".repeat(10_000))).toHaveLength(82);
  });

  test("breaks no table", () => {
    const table = tableOf(
      ["a", "b"],
      NAMES.map((name) => [codeOf(name), plainOf(name)]),
    );
    for (const cells of rowsOf(table)) expect(cells).toHaveLength(2);
    expect(rowsOf(table)).toHaveLength(NAMES.length + 2);
  });
});

test("a hostile name stands in Markdown without what could act on a terminal", () => {
  expect(markdownExporter.render(HOSTILE)).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
});
