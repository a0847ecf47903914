import { defineConfig } from "tsup";
import { library } from "../../tooling/tsup.ts";

export default defineConfig(
  library({
    index: "src/index.ts",
    vitest: "src/vitest.ts",
    "vitest-reporter": "src/vitest-reporter.ts",
    jest: "src/jest.ts",
    "jest-reporter": "src/jest-reporter.ts",
    simulator: "src/simulator.ts",
  }),
);
