import { describe, expect, it } from "vitest";
import { cleanText, readErrorDocument } from "../src/error-document.ts";
import { errorFromResponse, retryAfterMs } from "../src/status.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 12, 0, 0);

describe("errorFromResponse", () => {
  it.each([
    [400, "BAD_REQUEST", false],
    [401, "AUTHENTICATION", false],
    [402, "BILLING", false],
    [403, "PERMISSION", false],
    [404, "NOT_FOUND", false],
    [407, "PROXY_FAILED", false],
    [408, "REQUEST_TIMEOUT", true],
    [409, "CONFLICT", true],
    [413, "BAD_REQUEST", false],
    [422, "BAD_REQUEST", false],
    [418, "UNEXPECTED_STATUS", false],
    [429, "RATE_LIMITED", true],
    [500, "SERVER_ERROR", true],
    [502, "SERVER_ERROR", true],
    [503, "OVERLOADED", true],
    [529, "OVERLOADED", true],
  ])("maps %d to %s", (status, code, retryable) => {
    expect(errorFromResponse(status, {}, "", NOW_MS)).toMatchObject({ code, status, retryable });
  });

  it.each<[string, string, string, string | null]>([
    [
      "OpenAI",
      '{"error":{"message":"Bad model","type":"invalid_request_error","param":null,"code":"model_not_found"}}',
      "Bad model",
      "model_not_found",
    ],
    [
      "Anthropic",
      '{"type":"error","error":{"type":"not_found_error","message":"model: x"},"request_id":"req_1"}',
      "model: x",
      "not_found_error",
    ],
    ["Google", '{"error":{"code":404,"message":"No such model","status":"NOT_FOUND"}}', "No such model", "NOT_FOUND"],
    ["Google's array", '[{"error":{"code":404,"message":"No such model","status":"NOT_FOUND"}}]', "No such model", "NOT_FOUND"],
    ["Ollama", '{"error":"model not found"}', "model not found", null],
    ["FastAPI", '{"detail":"Not Found"}', "Not Found", null],
    ["FastAPI's list", '{"detail":[{"loc":["body"],"msg":"field required"}]}', "field required", null],
    ["a plain message", '{"message":"nope","code":"E7"}', "nope", "E7"],
    ["plain text", "no route", "no route", null],
    ["an HTML page", "<!doctype html><html>…", "an HTML page", null],
  ])("says what %s said", (_, body, said, type) => {
    const error = errorFromResponse(404, {}, body, NOW_MS);
    expect(error.message).toBe(`The server answered 404: ${said}. Check the model's name and the base URL.`);
    expect(error.providerType).toBe(type);
  });

  it("names where a redirect leads", () => {
    expect(errorFromResponse(308, { location: "https://x.example/v1" }, "", NOW_MS).message).toBe(
      "The server answered 308 to https://x.example/v1. Check the base URL.",
    );
  });

  it("takes the wait from the headers, or from Gemini's RetryInfo", () => {
    const body =
      '{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"x"},{"@type":"…RetryInfo","retryDelay":"34.4s"}]}}';
    expect(errorFromResponse(429, {}, body, NOW_MS).retryAfterMs).toBe(34_400);
    expect(errorFromResponse(429, { "retry-after": "2" }, body, NOW_MS).retryAfterMs).toBe(2000);
  });
});

describe("retryAfterMs", () => {
  it.each<[Record<string, string>, number | null]>([
    [{}, null],
    [{ "retry-after": "1.5" }, 1500],
    [{ "retry-after": "2", "retry-after-ms": "30" }, 30],
    [{ "retry-after": "Mon, 23 Nov 2026 12:00:05 GMT" }, 5000],
    [{ "retry-after": "Mon, 23 Nov 2020 12:00:05 GMT" }, null],
    [{ "retry-after": "soon" }, null],
    [{ "retry-after": "-1" }, null],
    [{ "retry-after": "" }, null],
    [{ "retry-after": "1e99" }, null],
    [{ "retry-after-ms": "x", "retry-after": "3" }, 3000],
  ])("reads %o as %s", (headers, expectedMs) => {
    expect(retryAfterMs(headers, NOW_MS)).toBe(expectedMs);
  });
});

describe("readErrorDocument", () => {
  it.each([null, 7, "text", [], {}, { choices: [] }])("sees no error in %o", (value) => {
    expect(readErrorDocument(value)).toBeNull();
  });
});

describe("cleanText", () => {
  it("makes one short line without control characters", () => {
    expect(cleanText(" a\n\tb\u001b[31m\u202ec ")).toBe("a b [31m c");
    expect(cleanText("x".repeat(1000))).toHaveLength(300);
  });
});
