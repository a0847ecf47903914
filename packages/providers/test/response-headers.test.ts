import { describe, expect, it } from "vitest";
import { readResponseHeaders } from "../src/response-headers.ts";

describe("readResponseHeaders", () => {
  it.each(["x-request-id", "request-id", "apim-request-id", "x-generation-id"])("takes the request's id from %s", (name) => {
    expect(readResponseHeaders({ [name]: "req_1" }).reply).toEqual({ requestId: "req_1", rateLimit: {} });
  });

  it("prefers the provider's own id to that of a gateway in front of it", () => {
    expect(readResponseHeaders({ "apim-request-id": "gateway", "x-request-id": "model" }).reply.requestId).toBe("model");
  });

  it("keeps rate-limit headers as they came, and no others", () => {
    const rateLimit = {
      "x-ratelimit-remaining-tokens": "119968",
      "x-ratelimit-reset-requests": "6m0s",
      "anthropic-ratelimit-input-tokens-reset": "2026-11-23T09:00:00Z",
      "ratelimit-remaining": "3",
      "retry-after": "55",
    };
    expect(
      readResponseHeaders({ ...rateLimit, "content-type": "text/event-stream", "set-cookie": "a=b", "x-ratelimiter": "no" }).reply,
    ).toEqual({ rateLimit });
  });

  it("reads the server's own time to first token where Fireworks gives it", () => {
    expect(readResponseHeaders({ "fireworks-server-time-to-first-token": "0.125" }).server).toEqual({ ttftMs: 125 });
  });

  it.each(["", " ", "soon", "-1"])("takes %j for no time", (value) => {
    expect(readResponseHeaders({ "fireworks-server-time-to-first-token": value }).server).toEqual({});
  });

  it.each([
    [{ "openai-processing-ms": "255" }, 255],
    [{ "server-timing": "gfet4t7; dur=379" }, 379],
    [{ "server-timing": 'cache;desc="hit", db;dur=3.5, total; DUR = 41.25' }, 41.25],
    [{ "openai-processing-ms": "255", "server-timing": "edge;dur=300" }, 255],
  ])("reads the processing time of %j", (headers, processingMs) => {
    expect(readResponseHeaders(headers).server).toEqual({ processingMs });
  });

  it("takes a server-timing header without a duration for no time", () => {
    expect(readResponseHeaders({ "server-timing": "miss, edge;desc=x" }).server).toEqual({});
  });

  it("finds nothing where there is nothing", () => {
    expect(readResponseHeaders({})).toEqual({ reply: { rateLimit: {} }, server: {} });
  });
});
