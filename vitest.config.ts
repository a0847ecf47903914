import { defineConfig } from "vitest/config";

// Tests run from source: the `@lens/source` condition leads every import of a sibling to its src folder.
const conditions = ["@lens/source", "import", "module", "node", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts", "examples/test/**/*.test.ts", "tooling/test/**/*.test.ts"],
    testTimeout: 20_000,
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      exclude: ["packages/*/src/index.ts"],
      thresholds: { lines: 90 },
      reporter: ["text-summary", "html", "lcov"],
    },
  },
});
