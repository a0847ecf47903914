import { defineConfig } from "vitest/config";
import { bundledForVite } from "./tooling/bundled.ts";

// Tests run from source: the `@lens/source` condition leads every import of a sibling to its src folder.
const conditions = ["@lens/source", "import", "node", "default"];

/** Builds, packs, installs and compiles: it would take the processor from under the tests that measure time. */
const HEAVY = "tooling/test/tarballs.test.ts";
/** So do the test runners of other people. */
const RUNNERS = "packages/matchers/test/runners.test.ts";
/** So does a browser. */
const BROWSER = "packages/exporters/test/browser/*.test.ts";

export default defineConfig({
  plugins: [bundledForVite],
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    testTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: "sources",
          include: ["{packages,apps}/*/test/**/*.test.ts", "{examples,tooling}/test/**/*.test.ts"],
          exclude: [HEAVY, BROWSER, RUNNERS],
        },
      },
      // These measure nothing, and mostly wait for one another: two at a time.
      { extends: true, test: { name: "tarballs", include: [HEAVY], sequence: { groupOrder: 1 }, maxWorkers: 2 } },
      { extends: true, test: { name: "browser", include: [BROWSER], sequence: { groupOrder: 1 }, maxWorkers: 2 } },
      { extends: true, test: { name: "runners", include: [RUNNERS], sequence: { groupOrder: 1 }, maxWorkers: 2 } },
    ],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      // What runs in a browser is tested there, where nothing counts lines.
      exclude: ["packages/*/src/index.ts", "packages/exporters/src/html/client"],
      thresholds: { lines: 90 },
      reporter: ["text-summary", "html", "lcov"],
    },
  },
});
