import { defineConfig } from "vitest/config";
import { bundledForVite } from "./tooling/bundled.ts";

// Tests run from source: the `@lens/source` condition leads every import of a sibling to its src folder.
const conditions = ["@lens/source", "import", "node", "default"];

/**
 * What looks at the real clock: through sockets, in threads, or by running the program itself. These run one at a time, so
 * that none takes the processor from under what another measures. A new test that waits for a server belongs here.
 */
const REAL_TIME = [
  "apps/cli/test/*.test.ts",
  "examples/test/*.test.ts",
  "packages/core/test/{clock,instrument}.test.ts",
  "packages/load/test/{built-workers,job-here,worker-parts,worker-pool}.test.ts",
  "packages/providers/test/{ai-sdk-middleware,http1-differential,observe-sdks,transports}.test.ts",
  "packages/sim/test/server.test.ts",
  "tooling/test/docs*.test.ts",
];

/** Other people's programs: packers, compilers, test runners, a browser. They measure nothing, and take all there is of the processor. */
const PROGRAMS = ["tooling/test/tarballs.test.ts", "packages/matchers/test/runners.test.ts", "packages/exporters/test/browser/*.test.ts"];

export default defineConfig({
  plugins: [bundledForVite],
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What the tests leave in the system's temporary folder goes with the run.
    globalSetup: "tooling/temporary.ts",
    projects: [
      {
        extends: true,
        test: {
          name: "calculations",
          include: ["{packages,apps}/*/test/**/*.test.ts", "{examples,tooling}/test/**/*.test.ts"],
          exclude: [...REAL_TIME, ...PROGRAMS],
          // They leave no state behind: each worker loads a module once.
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: { name: "real time", include: REAL_TIME, isolate: false, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
      { extends: true, test: { name: "programs", include: PROGRAMS, maxWorkers: 2, sequence: { groupOrder: 2 } } },
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
