import { createRecorder, LensError, type RequestRecord, toErrorInfo } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, test } from "vitest";
import { secretsIn, withoutKeys } from "../src/index.ts";
import { withoutPrompt } from "../src/redact.ts";

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

describe("a record of a server that repeats the prompt it refuses", () => {
  const failed = (message: string): RequestRecord => {
    const record = recordOf(null);
    const error = toErrorInfo(new LensError("BAD_REQUEST", message));
    const attempts = record.attempts.map((attempt) => ({ ...attempt, error }));
    return { ...record, attempts, outcome: { kind: "error", finishReason: null, error } };
  };
  const messages = [
    { role: "system", content: [{ type: "text", text: "Answer as a pirate." }, { type: "image" }] },
    { role: "user", content: "Short.\n  Tell me of my illness.\nThank you, doctor.\r\nYours,\t\tan  old friend" },
  ] as const;

  test.each([
    ["no: Tell me of my illness.", "no: [prompt]"],
    ["no: Tell me of my ill", "no: [prompt]"],
    ["Tell me of me; Tell me of my illness.", "[prompt]e; [prompt]"],
    ["'Answer as a pirate.', 'Short.\\n  Tell me of my illness.\\nThank you, doctor.'", "'[prompt]', 'Short.\\n  [prompt]\\n[prompt]'"],
    ["no: Yours, an old friend", "no: [prompt]"],
    ["context length is 4096", "context length is 4096"],
  ])("holds no line of it: %s", (told, held) => {
    const { attempts, outcome } = withoutPrompt(failed(told), messages);
    expect([outcome.error?.message, attempts[0]?.error?.message]).toEqual([held, held]);
  });

  test("is the same where it did not fail", () => {
    const record = recordOf(null);
    expect(withoutPrompt(record, messages)).toBe(record);
  });
});
