import { createPriceBook, parseReport, summarize } from "@lens/metrics";
import { describe, expect, test } from "vitest";
import { sample } from "../src/vitest.ts";
import { record, rising } from "./records.ts";

/** What a failed expectation says. */
function messageOf(expectation: () => void): string {
  try {
    expectation();
  } catch (error) {
    return (error as Error).message;
  }
  return "it holds";
}

const PRICES = createPriceBook([
  {
    modelId: "gpt-sim",
    providers: null,
    rates: { inputPerMillionUsd: 10, cacheReadPerMillionUsd: null, cacheWritePerMillionUsd: null, outputPerMillionUsd: 1000 },
    tiers: [],
    source: "test",
    asOf: "2026-11-23",
  },
]);

describe("the message of a failed expectation", () => {
  test("on a single request", () => {
    expect(messageOf(() => expect(record({ ttftMs: 900, requestId: "req_7" })).toHaveTtftBelow("800ms"))).toMatchInlineSnapshot(`
      "expect(received).toHaveTtftBelow("800ms")

      openai:gpt-sim: \`ttft max < 800ms\` is breached.

        value      900 ms
        interval   n/a
        threshold  < 800 ms
        n          1 request
        slowest    900 ms, request r0, the provider's req_7"
    `);
  });

  test("on a percentile of many", async () => {
    const requests = rising(40);
    const lens = await sample(40, (_, index) => requests[index]);
    expect(messageOf(() => expect(lens).toHavePercentileBelow("ttft", 95, "350ms"))).toMatchInlineSnapshot(`
      "expect(received).toHavePercentileBelow("ttft", 95, "350ms")

      openai:gpt-sim: \`ttft p95 < 350ms\` is breached.

        value      380 ms
        interval   at least 350 ms at 95 % confidence
        threshold  < 350 ms
        n          40 requests
        slowest    400 ms, request r40"
    `);
  });

  test("on a percentile that is a failed request", () => {
    const requests = [...rising(20), record({ error: "RATE_LIMITED" }), record({ error: "RATE_LIMITED" })];
    expect(messageOf(() => expect(requests).toHavePercentileBelow("ttft", 95, "350ms"))).toMatchInlineSnapshot(`
      "expect(received).toHavePercentileBelow("ttft", 95, "350ms")

      openai:gpt-sim: \`ttft p95 < 350ms\` is breached. Its interval leaves that open: more requests may turn it round.

        value      a failed request
        interval   at least 190 ms at 95 % confidence
        threshold  < 350 ms
        n          22 requests, 2 of them failed: 2 RATE_LIMITED
        slowest    200 ms, request r20"
    `);
  });

  test("on a percentile that the sample cannot support, with how many more it takes", () => {
    expect(messageOf(() => expect(rising(12)).toHavePercentileBelow("ttft", 95, "1s"))).toMatchInlineSnapshot(`
      "expect(received).toHavePercentileBelow("ttft", 95, "1s")

      openai:gpt-sim: \`ttft p95 < 1s\` cannot be judged.

        value      not known: p95 needs 20 samples, and stands on 12 samples (at least 100 ms at 95 % confidence)
        interval   at least 100 ms at 95 % confidence
        threshold  < 1.00 s
        n          12 requests
        slowest    120 ms, request r12

      Take 8 more samples, or expect on p90, which these support."
    `);
    expect(messageOf(() => expect(record()).toHavePercentileBelow("ttft", 50, "1s"))).toMatchInlineSnapshot(`
      "expect(received).toHavePercentileBelow("ttft", 50, "1s")

      openai:gpt-sim: \`ttft p50 < 1s\` cannot be judged.

        value      not known: p50 needs 2 samples, and stands on 1 sample
        interval   n/a
        threshold  < 1.00 s
        n          1 request
        slowest    100 ms, request r0

      Take 1 more sample."
    `);
  });

  test("on fewer requests than asked for", () => {
    expect(messageOf(() => expect(rising(12)).toHavePercentileBelow("ttft", 50, "1s", { minSamples: 20 }))).toMatchInlineSnapshot(`
      "expect(received).toHavePercentileBelow("ttft", 50, "1s", { minSamples: 20 })

      openai:gpt-sim: \`ttft p50 < 1s\` cannot be judged.

        value      60.0 ms: at least 20 requests are asked for
        interval   30.0 ms to 100 ms at 95 % confidence
        threshold  < 1.00 s
        n          12 requests
        slowest    120 ms, request r12

      Take 8 more samples."
    `);
  });

  test("on what it costs", () => {
    const requests = [record(), record({ id: "r1", outputTokens: 50 })];
    expect(messageOf(() => expect(requests).toCostLessThan(0.01, { prices: PRICES }))).toMatchInlineSnapshot(`
      "expect(received).toCostLessThan(0.01, { prices: { price: …, estimate: … } })

      openai:gpt-sim: \`cost < $0.01\` is breached.

        value      $0.0552
        interval   n/a
        threshold  < $0.01
        n          2 requests
        dearest    $0.0501, request r1"
    `);
    expect(messageOf(() => expect(requests).toCostLessThan(0.01))).toMatchInlineSnapshot(`
      "expect(received).toCostLessThan(0.01)

      openai:gpt-sim: \`cost < $0.01\` cannot be judged.

        value      not known
        interval   n/a
        threshold  < $0.01
        n          2 requests

      The price of 2 requests is not known: the model is in no price list, or the provider reported no usage. \`{ prices: await loadPriceBook([…]) }\` of @lens/metrics takes prices of your own."
    `);
  });

  test("on objectives", () => {
    const slo = { ttft: "150ms", tpot: 20 };
    expect(messageOf(() => expect(rising(20)).toMeetSlo(slo, { share: 0.9 }))).toMatchInlineSnapshot(`
      "expect(received).toMeetSlo({ ttft: "150ms", tpot: 20 }, { share: 0.9 })

      openai:gpt-sim: \`ttft ≤ 150 ms, tpot ≤ 20.0 ms in 90 % of requests\` is breached. Its interval leaves that open: more requests may turn it round.

        value         75 %
        interval      50.9 % to 91.3 % at 95 % confidence
        threshold     >= 90 %
        n             20 requests
        slowest ttft  200 ms, request r20
        slowest tpot  10.0 ms, request r1"
    `);
    expect(messageOf(() => expect(rising(3, { reportUsage: false })).toMeetSlo("ttft=150ms,tpot=20ms"))).toMatchInlineSnapshot(`
      "expect(received).toMeetSlo("ttft=150ms,tpot=20ms")

      openai:gpt-sim: \`ttft ≤ 150 ms, tpot ≤ 20.0 ms in every request\` cannot be judged.

        value         not known
        interval      n/a
        threshold     >= 100 %
        n             3 requests
        slowest ttft  30.0 ms, request r3

      3 requests of 3 lack a figure that has a limit, as TPOT where no usage is reported."
    `);
  });

  test("on what was not expected", () => {
    expect(messageOf(() => expect(rising(3)).not.toHaveTtftBelow(800))).toMatchInlineSnapshot(`
      "expect(received).not.toHaveTtftBelow(800)

      openai:gpt-sim: \`ttft max < 800\` is met.

        value      30.0 ms
        interval   n/a
        threshold  < 800 ms
        n          3 requests
        slowest    30.0 ms, request r3"
    `);
    expect(messageOf(() => expect(rising(3)).not.toHavePercentileBelow("ttft", 99, "1s"))).toMatchInlineSnapshot(`
      "expect(received).not.toHavePercentileBelow("ttft", 99, "1s")

      openai:gpt-sim: \`ttft p99 < 1s\` cannot be judged.

        value      not known: p99 needs 100 samples, and stands on 3 samples (at least 20.0 ms at 95 % confidence)
        interval   at least 20.0 ms at 95 % confidence
        threshold  < 1.00 s
        n          3 requests
        slowest    30.0 ms, request r3

      Take 97 more samples, or expect on p50, which these support."
    `);
  });

  test("on several targets, of which it shows those that failed", () => {
    const requests = [record(), record({ label: "slow", ttftMs: 500 }), record({ label: "slower", ttftMs: 600 })];
    expect(messageOf(() => expect(requests).toHaveTtftBelow(400))).toMatchInlineSnapshot(`
      "expect(received).toHaveTtftBelow(400)

      slow: \`ttft max < 400\` is breached.

        value      500 ms
        interval   n/a
        threshold  < 400 ms
        n          1 request
        slowest    500 ms, request r0

      slower: \`ttft max < 400\` is breached.

        value      600 ms
        interval   n/a
        threshold  < 400 ms
        n          1 request
        slowest    600 ms, request r0"
    `);
  });

  test("on a report, which knows no single request", () => {
    const run = {
      startedAtMs: 0,
      durationNs: 0,
      mode: "unknown",
      command: null,
      seed: null,
      options: {},
      versions: {},
      machine: null,
    } as const;
    const report = summarize(rising(3), { tool: { name: "test", version: "0" }, run: { ...run, interrupted: false, shards: null } });
    expect(messageOf(() => expect(parseReport(JSON.stringify(report))).toHaveTtftBelow(20))).toMatchInlineSnapshot(`
      "expect(received).toHaveTtftBelow(20)

      openai:gpt-sim: \`ttft max < 20\` is breached.

        value      30.0 ms
        interval   n/a
        threshold  < 20.0 ms
        n          3 requests
        slowest    30.0 ms"
    `);
    expect(messageOf(() => expect(report.groups[0]).toMeetSlo({ ttft: 20 }))).toMatchInlineSnapshot(
      `"Expected figures that were measured with the SLOs ttft ≤ 20.0 ms, got \`none\`."`,
    );
  });

  test("on stamps that this machine spoilt", () => {
    expect(messageOf(() => expect(rising(2, { latenessNs: 5_000_000 })).toHaveTtftBelow(1))).toMatchInlineSnapshot(`
      "expect(received).toHaveTtftBelow(1)

      openai:gpt-sim: \`ttft max < 1\` is breached.

        value      20.0 ms
        interval   n/a
        threshold  < 1.00 ms
        n          2 requests
        slowest    20.0 ms, request r2

      Mind the instrument: client-limited: 100.0 % of requests tainted, TTFT p99 is good to ±5.00 ms; use fewer streams at once"
    `);
  });

  test("on what nothing can be expected of", () => {
    expect(messageOf(() => expect(Promise.resolve()).toHaveTtftBelow(1))).toMatchInlineSnapshot(
      `"Expected the record of a request, a list of records, a report, a group of one, or a lens, got a promise: it wants an \`await\`."`,
    );
    expect(messageOf(() => expect([]).toHaveTtftBelow(1))).toMatchInlineSnapshot(
      `"Expected at least one request, got none: nothing was measured."`,
    );
    expect(messageOf(() => expect("text").not.toHaveTtftBelow(1))).toMatchInlineSnapshot(
      `"Expected the record of a request, a list of records, a report, a group of one, or a lens, got \`text\`."`,
    );
    expect(messageOf(() => expect([1]).toHaveTtftBelow(1))).toMatchInlineSnapshot(
      `"Expected the record of a request, a list of records, a report, a group of one, or a lens, got a list of something else."`,
    );
    expect(messageOf(() => expect(record()).toHaveTtftBelow("soon"))).toMatchInlineSnapshot(
      `"Expected the limit of \`ttft\` to be milliseconds or a duration such as 250ms, 30s or 5m, got \`soon\`."`,
    );
  });
});
