import { defineConfig } from "tsup";

export default defineConfig({
  entry: { main: "src/main.ts" },
  format: ["esm"],
  clean: true,
  sourcemap: true,
  splitting: true,
  treeshake: true,
  target: "node20",
  outDir: "dist",
});
