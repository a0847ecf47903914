import { LensError, measureStream, type RequestRecord } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { e2eNs, ttftNs } from "@lens/metrics";
import { describe, expect, test } from "vitest";
import { createLens, sample, withLens } from "../src/index.ts";
import { record } from "./records.ts";

async function* words(): AsyncGenerator<string> {
  yield "Hello";
  yield " world";
}

const ids = (records: readonly RequestRecord[]): readonly string[] => records.map(({ id }) => id);

describe("a lens", () => {
  test("collects records from anywhere, in order", async () => {
    const lens = await withLens(async ({ add, measure }) => {
      add(record({ id: "a" }));
      expect((await measure(() => record({ id: "b" }))).id).toBe("b");
      await measure(async () => record({ id: "c" }));
    });
    expect(ids(lens.records())).toEqual(["a", "b", "c"]);
  });

  test("reads a timed stream to its end", async () => {
    const lens = createLens();
    const measured = await lens.measure(() => measureStream(words));
    expect(measured.outcome.kind).toBe("ok");
    expect(measured.arrivals.atNs).toHaveLength(2);
    expect(lens.records()).toEqual([measured]);
  });

  test("times any function, and gives what it gives", async () => {
    const clock = createVirtualClock();
    const lens = createLens(clock);
    const target = { provider: "mine", model: "embed" };
    const value = await lens.time(
      async () => {
        await clock.sleepUntil(250_000_000n);
        return 42;
      },
      { target },
    );
    expect(value).toBe(42);
    const [timed] = lens.records();
    expect(timed?.target.label).toBe("mine:embed");
    expect(timed === undefined ? null : [e2eNs(timed), ttftNs(timed)]).toEqual([250_000_000, null]);
  });

  test("counts what throws as a failed request, and lets it through", async () => {
    const lens = createLens();
    const own = new Error("mine, with a prompt in it");
    await expect(lens.time(() => Promise.reject(own))).rejects.toBe(own);
    await expect(lens.time(() => Promise.reject(new LensError("RATE_LIMITED", "Slow down.")))).rejects.toThrow("Slow down.");
    expect(lens.records().map(({ outcome }) => [outcome.kind, outcome.error?.code, outcome.error?.message])).toEqual([
      ["error", "INTERNAL", "the function that was timed threw"],
      ["error", "RATE_LIMITED", "Slow down."],
    ]);
  });

  test("says what it cannot measure", async () => {
    const lens = createLens();
    await expect(lens.measure((() => 7) as never)).rejects.toThrow(
      "Expected a function that gives the record of a request or a stream of `measureStream`, got one that gives neither.",
    );
    expect(lens.records()).toEqual([]);
  });
});

describe("sampling", () => {
  test("runs a function again and again, one run after the other", async () => {
    let running = 0;
    const lens = await sample(3, async (_, index) => {
      running += 1;
      expect(running).toBe(1);
      await Promise.resolve();
      running -= 1;
      return record({ id: `s${index}` });
    });
    expect(ids(lens.records())).toEqual(["s0", "s1", "s2"]);
  });

  test("takes requests that the function adds itself", async () => {
    const lens = await sample(2, async (own, index) => own.add(record({ id: `s${index}` })));
    expect(ids(lens.records())).toEqual(["s0", "s1"]);
    const timed = await sample(2, (own) => own.time(async () => undefined));
    expect(timed.records()).toHaveLength(2);
  });

  test("refuses a run without a request, and a number that is none", async () => {
    await expect(sample(2, () => undefined)).rejects.toThrow(
      "Expected each sample to give the record of a request or a stream of `measureStream`, or to add one (`lens.add`, `lens.time`), got one without a request.",
    );
    await expect(sample(0, () => record())).rejects.toThrow("Expected the number of samples to be a whole number from 1 up, got `0`.");
  });
});
