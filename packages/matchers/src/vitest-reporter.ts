/**
 * A reporter for vitest, which shows every verdict at the end of the run.
 * @module
 */
import { concludeRun } from "./conclude-run.ts";
import type { LensMeta } from "./vitest.ts";

/** As much of vitest's reporter API as is used here, which is the same in vitest 3 and later. */
interface TestModule {
  readonly children: { allTests(): Iterable<{ meta(): object }> };
}

/** A reporter that shows all latency expectations of a run in a table at its end, and in GitHub's step summary. */
export interface LensReporter {
  onTestRunEnd(modules: readonly TestModule[]): void;
}

/** Makes the reporter for vitest's configuration: `reporters: ["default", lensReporter()]`. */
export function lensReporter(): LensReporter {
  return {
    onTestRunEnd(modules) {
      const rows = modules.flatMap(({ children }) => [...children.allTests()].flatMap((test) => (test.meta() as LensMeta).lens ?? []));
      concludeRun(rows, { print: (text) => void process.stdout.write(text), stepSummary: process.env["GITHUB_STEP_SUMMARY"] });
    },
  };
}
