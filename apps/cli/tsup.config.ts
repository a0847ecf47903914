import { defineConfig } from "tsup";

export default defineConfig({
  entry: { main: "src/main.ts" },
  format: ["esm"],
  clean: true,
  sourcemap: true,
  splitting: true,
  treeshake: true,
  target: "node20",
  // `node:sea` has no other name.
  removeNodeProtocol: false,
  outDir: "dist",
  // Goes into the program with prom-client, which would add four megabytes to what is installed; for our own part it is an optional peer.
  noExternal: ["@opentelemetry/api"],
  // prom-client is CommonJS and asks for Node's own modules when it is loaded.
  banner: {
    js: 'import { createRequire as createRequireOfNode } from "node:module"; const require = createRequireOfNode(import.meta.url);',
  },
});
