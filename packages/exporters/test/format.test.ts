import { describe, expect, test } from "vitest";
import {
  COMPARISON_EXPORTERS,
  EXPORTERS,
  findExporter,
  formatCount,
  formatInstant,
  formatNumber,
  formatShare,
  formatUsd,
  printable,
  RECORD_EXPORTERS,
  sparkline,
} from "../src/index.ts";
import { formatShortCount } from "../src/format.ts";
import { truncate, widthOf, wrap } from "../src/terminal-text.ts";

describe("a sparkline", () => {
  test("draws values from 0 up, the largest of each share where they are many, and leaves out what is not known", () => {
    expect(sparkline([0, 7, 14], 10)).toBe("▁▅█");
    expect(sparkline([1, 1, 8, 1, 1, 1], 3)).toBe("▂█▂");
    expect(sparkline([4, null, 8, null, null, 8], 6)).toBe("▅ █  █");
    expect(sparkline([4, null, null, null], 2)).toBe("█ ");
    expect(sparkline([0, 0], 10)).toBe("▁▁");
    expect(sparkline([], 10)).toBe("");
  });
});

describe("numbers for people", () => {
  test.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [1_234_567, "1,234,567"],
  ])("the count %s is %s", (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  test.each([
    [9999, "9999"],
    [10_000, "10.0k"],
    [123_456, "123k"],
    [999_499, "999k"],
    [999_500, "1.00M"],
    [2_500_000_000, "2.50G"],
  ])("the count %s is %s where there is little room", (count, text) => {
    expect(formatShortCount(count)).toBe(text);
  });

  test.each([
    [0, "0"],
    [0.0123, "0.012"],
    [1.234, "1.23"],
    [12.34, "12.3"],
    [99.96, "100"],
    [1234.5, "1,235"],
  ])("the number %s is %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  test.each([
    [0, "$0"],
    [0.000_000_030_7, "$0.0000000307"],
    [0.0123, "$0.0123"],
    [0.999, "$0.999"],
    [12.3, "$12.30"],
    [1234.5, "$1,235"],
  ])("%s dollars are %s", (usd, text) => {
    expect(formatUsd(usd)).toBe(text);
  });

  test.each([
    [0, "0 %"],
    [0.0001, "<0.1 %"],
    [0.0075, "0.8 %"],
    [0.5, "50.0 %"],
    [1, "100 %"],
  ])("the share %s is %s", (share, text) => {
    expect(formatShare(share)).toBe(text);
  });

  test("an instant is in UTC, wherever it is read", () => {
    expect(formatInstant(1_795_428_000_123)).toBe("2026-11-23 10:00:00 UTC");
  });
});

describe("text from outside", () => {
  test("loses what could act on a terminal, and keeps the rest", () => {
    expect(printable("a\u001b[31mb\u009bc\u202ed\u2028e\r\n\tf\ud800g模é")).toBe("a[31mbcdefg模é");
  });

  test("is cut to a width, by columns and not by code units", () => {
    expect(truncate("abcdef", 6)).toBe("abcdef");
    expect(truncate("abcdefg", 6)).toBe("abcde…");
    expect(truncate("模型模型", 6)).toBe("模型…");
    expect(widthOf("🎉é")).toBe(3);
  });

  test("is broken between its pieces, and cut only where a piece is too long", () => {
    expect(wrap(["aa", "bb", "cccccccccccc", "d"], " · ", 8)).toEqual(["aa · bb", "ccccccc…", "d"]);
    expect(wrap([], " ", 8)).toEqual([]);
  });
});

describe("the registry", () => {
  test("has every exporter under a word of its own", () => {
    for (const list of [EXPORTERS, COMPARISON_EXPORTERS, RECORD_EXPORTERS]) {
      expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
      for (const { id, extension } of list) expect(`${id}.${extension}`).toMatch(/^[a-z-]+\.[a-z]+$/);
    }
    for (const exporter of EXPORTERS) expect(findExporter(exporter.id)).toBe(exporter);
    for (const { id } of RECORD_EXPORTERS) expect(EXPORTERS.map((exporter) => exporter.id)).not.toContain(id);
  });

  test("names those that there are when asked for another", () => {
    expect(() => findExporter("pdf")).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        message: `Expected the format to be one of ${EXPORTERS.map(({ id }) => id).join(", ")}, got \`pdf\`.`,
      }),
    );
  });
});
