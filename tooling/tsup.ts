import type { Options } from "tsup";

/** How every library is built: ESM, CommonJS and types for both, from the named entries. */
export function library(entry: Readonly<Record<string, string>>): Options {
  return {
    entry: { ...entry },
    format: ["esm", "cjs"],
    dts: true,
    clean: true,
    sourcemap: true,
    splitting: false,
    treeshake: true,
    target: "node20",
    outDir: "dist",
    esbuildOptions(options, { format }) {
      // jest runs CommonJS where no import() can be.
      if (format === "cjs") options.supported = { ...options.supported, "dynamic-import": false };
      // The sources are published too, so the maps need only point at them.
      options.sourcesContent = false;
    },
  };
}
