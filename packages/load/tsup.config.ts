import { defineConfig } from "tsup";
import { library } from "../../tooling/tsup.ts";

const WORKER_FILES = ["!worker.js", "!worker.js.map"];

export default defineConfig([
  // In CommonJS `import.meta.url` needs a stand-in, by which the worker is found.
  { ...library({ index: "src/index.ts" }), shims: true, clean: WORKER_FILES },
  // Loaded by `new Worker` only, from both builds.
  { ...library({ worker: "src/worker.ts" }), format: ["esm"], dts: false, clean: false },
]);
