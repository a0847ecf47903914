/**
 * Adds the matchers to vitest, and gives what measures.
 * @module
 */
import { createPriceBook, loadPriceBook, type PriceBook } from "@lens/metrics";
import { afterEach, beforeAll, beforeEach, expect, type TestContext } from "vitest";
import { type GateRow, gateRows } from "./gate-table.ts";
import { createMatchers, type Judgement, type LensMatchers, type MatcherState } from "./matchers.ts";

export { createLens, type Lens, sample, withLens } from "./lens.ts";

/** What is wanted of a running test. */
type Running = Pick<TestContext, "task"> & Partial<Pick<TestContext, "annotate">>;

/** What the reporter reads of a test. */
export interface LensMeta {
  lens?: GateRow[];
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Leaves the verdict with the test, and where it failed the report with its requests. vitest waits for it at the test's end; before 3.2 it has no such thing. */
function annotate({ annotate: say }: Running, { holds, findings, subject, message }: Judgement): void {
  if (say === undefined) return;
  if (holds) {
    for (const { outcome, group } of findings) void say(`${group.target.label}: ${outcome.text}: ${outcome.reason}`, "latency");
    return;
  }
  const { report, groups, records } = subject;
  void say(message(), "latency", { contentType: "application/json", body: encode({ report: report ?? { groups }, records }) });
}

let prices: PriceBook = createPriceBook();

beforeAll(async () => {
  // A matcher cannot wait for the price list.
  prices = await loadPriceBook();
});

/** By their names, since several may run at once, and vitest 3 tells a matcher no more than the name. */
const running = new Map<string, Running>();

/** The name of a test with those of its suites, as matchers are told it. */
function fullName({ name, suite, file }: Running["task"]): string {
  const names = [name];
  for (let each = suite; each !== undefined && each !== file; each = each.suite) names.unshift(each.name);
  return names.filter((part) => part !== "").join(" > ");
}

// vitest reads from the braces what is wanted, as soon as a test has fixtures.
beforeEach(({ task, annotate: say }) => void running.set(fullName(task), { task, annotate: say }));
afterEach(({ task }) => void running.delete(fullName(task)));

const matchers = createMatchers<MatcherState>({
  prices: () => prices,
  onJudged({ currentTestName = "" }, judgement) {
    const test = running.get(currentTestName);
    if (test === undefined) return;
    ((test.task.meta as LensMeta).lens ??= []).push(...gateRows(currentTestName, judgement));
    annotate(test, judgement);
  },
});

expect.extend({ ...matchers });

declare module "vitest" {
  // The type parameters have to be those of vitest.
  // oxlint-disable-next-line typescript/no-explicit-any
  interface Matchers<T = any> extends LensMatchers<void> {}
}
