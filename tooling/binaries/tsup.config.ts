import path from "node:path";
import type { Plugin } from "esbuild";
import { defineConfig, type Options } from "tsup";
import { bundledForEsbuild } from "../bundled.ts";

const EMBEDDED = path.resolve("tooling/binaries/embedded-worker.ts");

/** The worker is no file beside the program. */
const embeddedWorker: Plugin = {
  name: "embedded-worker",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/worker-code\.ts$/ }, () => ({ path: EMBEDDED }));
  },
};

const whole: Options = {
  platform: "node",
  target: "node22",
  outDir: "tooling/binaries/dist/code",
  // One file each, with all that it needs.
  noExternal: [/.*/],
  splitting: false,
  minify: true,
  treeshake: false,
  silent: true,
  // `node:sea` has no other name.
  removeNodeProtocol: false,
  esbuildOptions(options) {
    options.conditions = ["@lens/source", "node"];
  },
};

export default defineConfig([
  {
    ...whole,
    format: ["cjs"],
    shims: true,
    entry: { lens: "tooling/binaries/entry.ts" },
    esbuildPlugins: [bundledForEsbuild, embeddedWorker],
  },
  { ...whole, format: ["esm"], entry: { worker: "packages/load/src/worker.ts" }, esbuildPlugins: [bundledForEsbuild] },
]);
