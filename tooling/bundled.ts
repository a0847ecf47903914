import path from "node:path";
import { build, type Plugin as EsbuildPlugin } from "esbuild";

/** What an import ends with that wants no module but a text: the file and all that it imports, as one minified script or style sheet. */
const SUFFIX = "?bundled";
const ENDING = /\?bundled$/;

/** Below it, vite takes an id for what another plugin made up, and a style sheet for a script. */
const MADE_UP = "\0bundled:";

/** The module in place of such an import: it exports `text`. */
async function load(file: string): Promise<{ readonly code: string; readonly inputs: readonly string[] }> {
  const result = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    format: "iife",
    target: "es2022",
    // ASCII leaves the text the same whatever it is taken for.
    charset: "ascii",
    // The licences of what is in it go with it.
    legalComments: "inline",
    conditions: ["@lens/source"],
    // Of what runs in Node, nothing that is imported may be left; if it were, the script would not run.
    external: ["node:*"],
    logLevel: "silent",
  });
  const inputs = Object.keys(result.metafile.inputs).map((input) => path.resolve(input));
  return { code: `export const text = ${JSON.stringify(result.outputFiles[0]?.text.trimEnd())};\n`, inputs };
}

const resolveFrom = (specifier: string, directory: string): string => path.resolve(directory, specifier.slice(0, -SUFFIX.length));

/** Such imports for esbuild, and so for tsup. Their paths keep the ending, or tsup would take a style sheet for one of its own. */
export const bundledForEsbuild: EsbuildPlugin = {
  name: "bundled",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: ENDING }, ({ path: specifier, resolveDir }) => ({
      path: `${resolveFrom(specifier, resolveDir)}${SUFFIX}`,
      namespace: "bundled",
    }));
    onLoad({ filter: ENDING, namespace: "bundled" }, async ({ path: file }) => {
      const { code, inputs } = await load(file.slice(0, -SUFFIX.length));
      return { contents: code, loader: "js", watchFiles: [...inputs] };
    });
  },
};

/** Such imports for vite, and so for vitest. */
export const bundledForVite = {
  name: "bundled",
  enforce: "pre" as const,
  resolveId(specifier: string, importer: string | undefined): string | null {
    if (!ENDING.test(specifier) || importer === undefined) return null;
    return `${MADE_UP}${resolveFrom(specifier, path.dirname(importer))}.js`;
  },
  async load(this: { addWatchFile(file: string): void }, id: string): Promise<string | null> {
    if (!id.startsWith(MADE_UP)) return null;
    const { code, inputs } = await load(id.slice(MADE_UP.length, -".js".length));
    for (const input of inputs) this.addWatchFile(input);
    return code;
  },
};
