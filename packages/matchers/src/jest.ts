/**
 * Adds the matchers to jest, and gives what measures.
 * @module
 */
import { appendFileSync } from "node:fs";
import { beforeAll, expect } from "@jest/globals";
import { createPriceBook, loadPriceBook, type PriceBook } from "@lens/metrics";
import { gateRows } from "./gate-table.ts";
import { createMatchers, type LensMatchers, type MatcherState } from "./matchers.ts";
import { ROWS_FILE } from "./rows-file.ts";

export { createLens, type Lens, sample, withLens } from "./lens.ts";

let prices: PriceBook = createPriceBook();

beforeAll(async () => {
  // A matcher cannot wait for the price list.
  prices = await loadPriceBook();
});

const matchers = createMatchers<MatcherState>({
  prices: () => prices,
  onJudged({ currentTestName = "" }, judgement) {
    const path = process.env[ROWS_FILE];
    if (path === undefined) return;
    for (const row of gateRows(currentTestName, judgement)) appendFileSync(path, `${JSON.stringify(row)}\n`);
  },
});

expect.extend({ ...matchers });

declare global {
  // With @types/jest.
  namespace jest {
    interface Matchers<R, T = {}> extends LensMatchers<R> {}
  }
}

// With @jest/globals.
declare module "expect" {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends LensMatchers<R> {}
}
