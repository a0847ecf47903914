import { defineConfig } from "tsup";
import { bundledForEsbuild } from "../../tooling/bundled.ts";
import { library } from "../../tooling/tsup.ts";

export default defineConfig({ ...library({ index: "src/index.ts" }), esbuildPlugins: [bundledForEsbuild] });
