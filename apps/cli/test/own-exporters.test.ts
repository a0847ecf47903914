import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createFakeIo, lens } from "./fake-io.ts";

const QUICKLY = "-n 2 -c 1 --warmup 0 --quiet";
const LABELS =
  'export const exporter = { id: "labels", extension: "txt", render: ({ groups }) => `${groups.map(({ target }) => target.label)}\\n` };\n';

/** A folder with these files in it. */
async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const { cwd } = await createFakeIo();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(cwd, name, ".."), { recursive: true });
    await writeFile(join(cwd, name), content);
  }
  return cwd;
}

const EXAMPLE = fileURLToPath(new URL("../../../examples/src/own-exporter.ts", import.meta.url));

describe("an exporter of one's own", () => {
  test("is what the example shows, of reports and of comparisons", async () => {
    const cwd = await folderOf({});
    const { out } = await lens(`bench sim: ${QUICKLY} -f ${EXAMPLE},json -o - -o r.json`, { cwd, stripsTypes: true });
    expect(out).toMatch(/^sim · 2 of 2 ok · TTFT \d\S* ms · E2E \d\S* ms\n$/);
    expect((await lens(`compare r.json r.json -f ${EXAMPLE}`, { cwd, stripsTypes: true })).out).toBe("Nobody is slower.\n");
  });

  test("is a file, by its named or its default export, and stands among the others", async () => {
    const cwd = await folderOf({ "labels.mjs": LABELS, "default.mjs": LABELS.replace("const exporter =", "default") });
    const { code, out } = await lens(`bench sim: ${QUICKLY} -f ./labels.mjs,json -o - -o r.json`, { cwd });
    expect([code, out]).toEqual([0, "sim\n"]);
    expect((await lens("export r.json -f ./default.mjs", { cwd })).out).toBe("sim\n");
  });

  test("may be a package that is installed, by whichever way it exports its module", async () => {
    const manifest = { name: "lens-labels", version: "1.0.0", type: "module", exports: { import: "./labels.js" } };
    const cwd = await folderOf({
      "node_modules/lens-labels/package.json": JSON.stringify(manifest),
      "node_modules/lens-labels/labels.js": LABELS,
      "node_modules/@me/exporters/package.json": JSON.stringify({ name: "@me/exporters", version: "1.0.0", main: "main.cjs" }),
      "node_modules/@me/exporters/main.cjs": 'exports.exporter = { id: "x", extension: "txt", render: async () => "from CommonJS\\n" };',
    });
    expect((await lens(`bench sim: ${QUICKLY} -f lens-labels`, { cwd })).out).toBe("sim\n");
    expect((await lens(`bench sim: ${QUICKLY} -f @me/exporters`, { cwd })).out).toBe("from CommonJS\n");
  });

  test("may take records, one by one", async () => {
    const cwd = await folderOf({
      "ids.mjs": 'export const exporter = { id: "ids", extension: "txt", open: () => ({ head: "ids\\n", line: ({ id }) => `${id}\\n` }) };',
    });
    const { out } = await lens(`bench sim: ${QUICKLY} -f ./ids.mjs --records r.jsonl`, { cwd });
    const ids = out.trimEnd().split("\n").slice(1);
    expect(out).toMatch(/^ids\n/);
    const records = (await readFile(join(cwd, "r.jsonl"), "utf8")).trimEnd().split("\n");
    expect(ids).toEqual(records.map((line) => (JSON.parse(line) as { readonly id: string }).id));
    expect((await lens("export r.jsonl -f ./ids.mjs", { cwd })).out).toBe(out);
  });

  test("of comparisons is an export of its own", async () => {
    const cwd = await folderOf({
      "both.mjs": `${LABELS}export const comparisonExporter = { id: "c", extension: "txt", render: ({ sides }) => \`\${sides.length} sides\\n\` };`,
      "one.mjs": LABELS,
    });
    await lens(`bench sim: ${QUICKLY} -f json -o r.json`, { cwd });
    expect((await lens("compare r.json r.json -f ./both.mjs", { cwd })).out).toBe("2 sides\n");
    const { code, err } = await lens("compare r.json r.json -f ./one.mjs", { cwd });
    expect([code, err]).toEqual([
      2,
      "lens: Expected `one.mjs` to export `comparisonExporter`, an object with `id`, `extension` and a function `render(report)`, or `open()` for records, got nothing.\n",
    ]);
  });

  test.each([
    ["./none.mjs", null, /^lens: Cannot load the exporter `none\.mjs`: Cannot find module/],
    ["./empty.mjs", "export {};", /^lens: Expected `empty\.mjs` to export `exporter`, or a default, an object with .*, got nothing\.$/],
    ["./half.mjs", 'export default { id: "x", extension: "y" };', /, got one without either function\.$/],
    ["./number.mjs", "export const exporter = 5;", /, got something else\.$/],
    ["./broken.mjs", "export const = 1;", /^lens: Cannot load the exporter `broken\.mjs`: /],
    ["./typed.ts", LABELS, /^lens: Cannot load `\.\/typed\.ts`: Node 20\.0\.0 does not import TypeScript/],
    [
      "./mute.mjs",
      'export default { id: "x", extension: "y", render: () => undefined };',
      /^lens: The exporter `mute\.mjs` failed: it gave undefined, and no text\.$/,
    ],
    ["not-installed", null, /^lens: Expected `--format` to be one of .*, or the path of an exporter, got `not-installed`\.$/],
  ])("that is wrong is told of kindly: %s", async (format, content, says) => {
    const cwd = await folderOf(content === null ? {} : { [format]: content });
    const { code, err } = await lens(`bench sim: ${QUICKLY} -f ${format}`, { cwd });
    expect(err.trimEnd()).toMatch(says);
    expect(err.trimEnd()).not.toContain("\n");
    expect(code).toBe(2);
  });

  test("that fails on a record is named", async () => {
    const cwd = await folderOf({
      "bad.mjs": 'export default { id: "x", extension: "y", open: () => ({ head: "", line: () => { throw new Error("too long"); } }) };',
    });
    await lens(`bench sim: ${QUICKLY} --records r.jsonl`, { cwd });
    const { code, err } = await lens("export r.jsonl -f ./bad.mjs -o out.y", { cwd });
    expect([code, err]).toEqual([2, "lens: The exporter `bad.mjs` failed: too long.\n"]);
  });
});
