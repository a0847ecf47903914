import { createRecorder, type RequestRecord } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, test } from "vitest";
import { secretsIn, withoutKeys } from "../src/index.ts";

const KEY = "canary-key";

function recordOf(raw: unknown, told = KEY): RequestRecord {
  const target = { provider: "openai", model: "m", label: "openai:m", origin: null };
  const recorder = createRecorder({ clock: createVirtualClock(), id: "r1", target });
  recorder.beginAttempt(0n);
  recorder.usage({ inputTokens: 1, raw });
  recorder.reply({ model: told, requestId: `Bearer ${told}`, rateLimit: { [`x-${told}`]: told } });
  return recorder.finish(0n, { kind: "ok", finishReason: told, error: null });
}

describe("a record of a server that repeats what it was told", () => {
  test("holds the key in none of its words", () => {
    const { reply, usage, outcome } = withoutKeys(recordOf({ [KEY]: [{ echo: `it was ${KEY}` }], count: 3 }), [KEY]);
    expect(reply).toMatchObject({ model: "[key]", requestId: "Bearer [key]", rateLimit: { "x-[key]": "[key]" } });
    expect(usage?.raw).toEqual({ "[key]": [{ echo: "it was [key]" }], count: 3 });
    expect(outcome.finishReason).toBe("[key]");
  });

  test("is as it was where there is nothing to hide", () => {
    const record = recordOf({ prompt_tokens: 1, details: { cached: 0, list: [1, null, true] } }, "gpt");
    expect(withoutKeys(record, [KEY, null, "gp"])).toEqual(record);
  });

  test("can be written, however deeply the server nests", () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`);
    expect(JSON.stringify(withoutKeys(recordOf(deep), [])).length).toBeLessThan(2000);
  });
});

test("secrets are the key and what headers hold whose names speak of one", () => {
  const headers = { Authorization: "Bearer one", "X-Api-Key": "two", "x-team": "blue", Cookie: "three" };
  expect(secretsIn({ apiKey: KEY, headers })).toEqual([KEY, "Bearer one", "one", "two", "two", "three", "three"]);
  expect(secretsIn({ apiKey: null })).toEqual([]);
});
