import { readFileSync } from "node:fs";
import { EXPORTERS, COMPARISON_EXPORTERS, RECORD_EXPORTERS } from "@lens/exporters";
import { describe, expect, test } from "vitest";
import { readCommandLine } from "../src/command-line.ts";

const page = readFileSync(new URL("../../../docs/EXPORTERS.md", import.meta.url), "utf8");

/** The words of a command line in which only double quotes are used. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");

const commands = [...page.matchAll(/^lens .*$|(?<=\| `)lens [^`]*/gm)].map(([line]) => line);
/** The rows of the first table: the format, and what it is of. */
const rows = [...page.matchAll(/^\| `([\w-]+)` +\| (reports|records|reports, comparisons) +\|/gm)].map(([, id = "", of = ""]) => ({
  id,
  of,
}));

describe("the page about exporters", () => {
  test.each(commands)("%s is a command line that is understood", async (line) => {
    expect(await readCommandLine(wordsOf(line).slice(1), 80)).toMatchObject({ kind: "command" });
  });

  test("has every format in the order of the help, and says what it is of", () => {
    const compared = COMPARISON_EXPORTERS.map(({ id }) => id);
    expect(rows).toEqual([
      ...EXPORTERS.map(({ id }) => ({ id, of: compared.includes(id) ? "reports, comparisons" : "reports" })),
      ...RECORD_EXPORTERS.map(({ id }) => ({ id, of: "records" })),
    ]);
  });
});
