import { createPriceBook, loadPriceBook, type PriceBook } from "@lens/metrics";
import { beforeAll, expect, type TestContext } from "vitest";
import { type GateRow, gateRows } from "./gate-table.ts";
import { createMatchers, type Judgement, type LensMatchers, type MatcherState } from "./matchers.ts";

export { createLens, type Lens, sample, withLens } from "./lens.ts";

interface VitestState extends MatcherState {
  /** The running test; absent in hooks. */
  readonly task?: { readonly name: string; readonly meta: object; readonly context?: Partial<Pick<TestContext, "annotate">> };
}

/** What the reporter reads of a test. */
export interface LensMeta {
  lens?: GateRow[];
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Leaves the verdict with the test, and where it failed the report with its requests. vitest waits for it at the test's end; before 3.2 it has none. */
function annotate({ task }: VitestState, { holds, findings, subject, message }: Judgement): void {
  const say = task?.context?.annotate;
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

const matchers = createMatchers<VitestState>({
  prices: () => prices,
  onJudged(state, judgement) {
    const { task, currentTestName = "" } = state;
    if (task !== undefined) ((task.meta as LensMeta).lens ??= []).push(...gateRows(currentTestName, judgement));
    annotate(state, judgement);
  },
});

expect.extend({ ...matchers });

declare module "vitest" {
  // The type parameters have to be those of vitest.
  // oxlint-disable-next-line typescript/no-explicit-any
  interface Matchers<T = any> extends LensMatchers<void> {}
}
