import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ArrivalKind, OutcomeKind } from "@lens/core";
import {
  chunkGapsNs,
  connectNs,
  dnsNs,
  e2eNs,
  effectiveTokensPerSecond,
  hiddenReasoningTokens,
  outputTokensPerSecond,
  reportedOutputTokens,
  responseE2eNs,
  responseTtfoNs,
  responseTtftNs,
  streamedTokens,
  tlsNs,
  tokensPerChunk,
  tpotNs,
  ttfbNs,
  ttfoNs,
  ttftNs,
} from "../src/index.ts";
import { arrivals, ATTEMPT, record, usage } from "./records.ts";

const MS = 1_000_000;

describe("an ordinary answer", () => {
  test("is timed from the first byte of the request that was handed to the socket", () => {
    expect(ttfbNs(record())).toBe(140 * MS);
    expect(ttftNs(record())).toBe(200 * MS);
    expect(ttfoNs(record())).toBe(200 * MS);
    expect(e2eNs(record())).toBe(290 * MS);
  });

  test("has one gap for each neighbouring pair of arrivals", () => {
    expect(chunkGapsNs(record())).toEqual([20 * MS, 20 * MS, 20 * MS, 20 * MS]);
  });

  test("has a time per output token that leaves out the first token and its wait", () => {
    expect(tpotNs(record())).toBe(20 * MS);
    expect(outputTokensPerSecond(record())).toBe(50);
    expect(effectiveTokensPerSecond(record())).toBeCloseTo(5 / 0.29, 10);
    expect(tokensPerChunk(record())).toBe(1);
  });

  test("keeps the phases of its fresh connection apart", () => {
    expect([dnsNs, connectNs, tlsNs].map((measure) => measure(record()))).toEqual([1 * MS, 2 * MS, 3 * MS]);
  });
});

describe("connections and tries", () => {
  test("a reused connection has no phases, whatever the record holds", () => {
    const reused = record({ attempts: [{ ...ATTEMPT, reused: true }] });
    expect([dnsNs, connectNs, tlsNs].map((measure) => measure(reused))).toEqual([null, null, null]);
  });

  test("plain measures count from the last try, response measures from when the request was due", () => {
    const retried = record({
      queuedNs: 7 * MS,
      attempts: [
        { ...ATTEMPT, status: 429 },
        { ...ATTEMPT, startedNs: 190 * MS, sentNs: 200 * MS, firstByteNs: 205 * MS },
      ],
    });
    expect(ttfbNs(retried)).toBe(5 * MS);
    expect(ttftNs(retried)).toBe(10 * MS);
    expect(e2eNs(retried)).toBe(100 * MS);
    expect(responseTtftNs(retried)).toBe(217 * MS);
    expect(responseTtfoNs(retried)).toBe(217 * MS);
    expect(responseE2eNs(retried)).toBe(307 * MS);
  });

  test("a closed loop has no response measures", () => {
    expect([responseTtftNs, responseTtfoNs, responseE2eNs].map((measure) => measure(record()))).toEqual([null, null, null]);
  });

  test("a request that was never sent has no latency", () => {
    const unsent = record({ attempts: [{ ...ATTEMPT, sentNs: null, firstByteNs: null }] });
    expect([ttfbNs, ttftNs, ttfoNs, e2eNs].map((measure) => measure(unsent))).toEqual([null, null, null, null]);
  });

  test("a mark from before the start is no latency", () => {
    expect(ttftNs(record({ arrivals: arrivals([5, "text"]) }))).toBeNull();
  });
});

describe("content", () => {
  test("reasoning is a first token but not a first output", () => {
    const reasoned = record({ arrivals: arrivals([110, "reasoning"], [210, "tool"], [310, "text"]), endNs: 320 * MS });
    expect(ttftNs(reasoned)).toBe(100 * MS);
    expect(ttfoNs(reasoned)).toBe(300 * MS);
  });

  test("an answer without content has no first token, no gap and no speed", () => {
    const empty = record({ arrivals: arrivals() });
    expect([ttftNs, ttfoNs, tpotNs, outputTokensPerSecond, tokensPerChunk].map((measure) => measure(empty))).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
    expect(chunkGapsNs(empty)).toEqual([]);
  });

  test("content in a single arrival has no time per token", () => {
    const single = record({ arrivals: arrivals([210, "text"]) });
    expect(tpotNs(single)).toBeNull();
    expect(outputTokensPerSecond(single)).toBeNull();
    expect(tokensPerChunk(single)).toBe(5);
  });
});

describe("the end", () => {
  test.each<[OutcomeKind, number | null]>([
    ["ok", 290 * MS],
    ["truncated", 290 * MS],
    ["filtered", 290 * MS],
    ["refused", 290 * MS],
    ["error", null],
    ["incomplete", null],
    ["aborted", null],
  ])("a request that ended %s has an end-to-end time of %s", (kind, expected) => {
    expect(e2eNs(record({ outcome: { kind, finishReason: null, error: null } }))).toBe(expected);
  });
});

describe("tokens", () => {
  test("a count from before the stream broke off is not a count of its output", () => {
    for (const usageSource of ["partial", "estimated", "none"] as const) {
      const broken = record({ usageSource });
      expect([reportedOutputTokens, streamedTokens, tpotNs, effectiveTokensPerSecond].map((measure) => measure(broken))).toEqual([
        null,
        null,
        null,
        null,
      ]);
    }
  });

  test("hidden reasoning is left out of the speed, streamed reasoning is not", () => {
    const counts = usage({ outputTokens: 105, reasoningTokens: 100 });
    expect(tpotNs(record({ usage: counts, reasoningForm: "none" }))).toBe(20 * MS);
    expect(tpotNs(record({ usage: counts, reasoningForm: "full" }))).toBe(Math.round((80 * MS) / 104));
    expect(effectiveTokensPerSecond(record({ usage: counts }))).toBeCloseTo(105 / 0.29, 8);
  });

  test("a summary of reasoning neither holds the reasoning's tokens nor starts the clock of the output's", () => {
    const summary = record({
      reasoningForm: "summary",
      arrivals: arrivals([110, "reasoning"], [160, "reasoning"], [210, "text"], [230, "text"], [250, "text"]),
      usage: usage({ outputTokens: 103, reasoningTokens: 100 }),
    });
    expect(ttftNs(summary)).toBe(100 * MS);
    expect(tpotNs(summary)).toBe(20 * MS);
    expect(outputTokensPerSecond(summary)).toBe(50);
    expect(tokensPerChunk(summary)).toBe(1);
  });

  test("a summary without a count of reasoning tokens has no time per token", () => {
    const summary = record({ reasoningForm: "summary", usage: usage({ outputTokens: 103 }) });
    expect(hiddenReasoningTokens(summary)).toBeNull();
    expect(tpotNs(summary)).toBeNull();
  });

  test("fewer than two streamed tokens have no time per token", () => {
    expect(tpotNs(record({ usage: usage({ outputTokens: 1 }) }))).toBeNull();
    expect(tpotNs(record({ usage: usage({ outputTokens: 10, reasoningTokens: 9 }) }))).toBeNull();
  });

  test.each([-1, 0.5, Number.NaN, 1e300])("a count of %s is as good as unknown", (outputTokens) => {
    expect(reportedOutputTokens(record({ usage: usage({ outputTokens }) }))).toBeNull();
  });
});

describe("for any record", () => {
  const anyRecord = fc
    .record({
      gaps: fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 40 }),
      kinds: fc.array(fc.constantFrom<ArrivalKind>("text", "reasoning", "tool", "refusal"), { minLength: 41, maxLength: 41 }),
      outputTokens: fc.option(fc.integer({ min: 0, max: 500 }), { nil: null }),
      reasoningTokens: fc.option(fc.integer({ min: 0, max: 500 }), { nil: null }),
      reasoningForm: fc.constantFrom("full" as const, "summary" as const, "none" as const),
      queuedNs: fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: null }),
    })
    .map(({ gaps, kinds, outputTokens, reasoningTokens, reasoningForm, queuedNs }) => {
      let at = 150;
      const list = gaps.map((gap, index) => [(at += gap), kinds[index] ?? "text"] as const);
      return record({
        arrivals: arrivals(...list),
        endNs: (at + 1) * MS,
        usage: usage({ outputTokens, reasoningTokens }),
        reasoningForm,
        queuedNs,
      });
    });

  test("the marks are in order: first byte, first token, first output, end", () => {
    fc.assert(
      fc.property(anyRecord, (any) => {
        const marks = [ttfbNs(any), ttftNs(any), ttfoNs(any), e2eNs(any)].filter((mark) => mark !== null);
        expect(marks).toEqual(marks.toSorted((a, b) => a - b));
      }),
    );
  });

  test("the gaps fill the time between the first and the last arrival", () => {
    fc.assert(
      fc.property(anyRecord, (any) => {
        const { atNs } = any.arrivals;
        expect(chunkGapsNs(any).reduce((sum, gap) => sum + gap, 0)).toBe((atNs.at(-1) ?? 0) - (atNs[0] ?? 0));
      }),
    );
  });

  test("response measures are the plain ones, with the set-up and the queue before", () => {
    fc.assert(
      fc.property(anyRecord, (any) => {
        const plain = ttftNs(any);
        expect(responseTtftNs(any)).toBe(any.queuedNs === null || plain === null ? null : plain + 10 * MS + any.queuedNs);
      }),
    );
  });

  test("time per token and tokens per second are one another's inverse, and null together", () => {
    fc.assert(
      fc.property(anyRecord, (any) => {
        const perToken = tpotNs(any);
        const rate = outputTokensPerSecond(any);
        expect(perToken === null).toBe(rate === null);
        // Half a nanosecond, since it is rounded, and what two divisions of floats may lose.
        const slack = 0.5 + 2 * Number.EPSILON * (perToken ?? 0);
        if (perToken !== null && rate !== null) expect(Math.abs(perToken - 1e9 / rate)).toBeLessThanOrEqual(slack);
      }),
    );
  });
});
