import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { startSimulator } from "@lens/sim";
import { describe, expect, test } from "vitest";
import { lens, QUICK } from "./fake-io.ts";

/** Runs `use` against a server of one answer. */
async function withServer<T>(listener: RequestListener, use: (baseUrl: string) => Promise<T>): Promise<T> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const states = (out: string): string[] =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/\s+/).slice(0, 2).join(" "));

describe("validate", () => {
  test("checks key, endpoint, model and a tiny request, a line each", async () => {
    const { code, out, err } = await lens("val sim: --test-request");
    expect(states(out)).toEqual(["ok key", "ok endpoint", "ok model", "ok request"]);
    expect([code, err]).toEqual([0, ""]);
  });

  test.each(["openai", "openai-responses", "anthropic", "google"] as const)("works for %s", async (provider) => {
    const simulator = await startSimulator({ scenario: { ...QUICK, models: ["m"], requireKey: true } });
    const { code, out } = await lens(`val ${provider}:m --base-url ${simulator.baseUrls[provider]} --api-key-env K`, { env: { K: "k" } });
    expect(states(out)).toEqual(["ok key", "ok endpoint", "ok model"]);
    expect(code).toBe(0);
    await simulator.close();
  });

  test("a missing key is a failed check with the exit code of misuse, and nothing is sent", async () => {
    const { code, out } = await lens("val openai:x");
    expect(out).toMatch(/^failed {3}key {7}openai:x {2}Expected a key for openai in OPENAI_API_KEY, got none\./);
    expect([code, states(out)]).toEqual([2, ["failed key"]]);
  });

  test("a refused key is a failed endpoint", async () => {
    const simulator = await startSimulator({ scenario: { ...QUICK, requireKey: true } });
    const { code, out } = await lens(`val openai:x --base-url ${simulator.baseUrls.openai}`);
    await simulator.close();
    expect(states(out)).toEqual(["unknown key", "failed endpoint"]);
    expect(out).toContain("AUTHENTICATION");
    expect(code).toBe(3);
  });

  test("a model that the server does not list is a failed check that names the nearest", async () => {
    const simulator = await startSimulator({ scenario: { ...QUICK, models: ["gpt-6-luna", "gpt-6-sol"] } });
    const { code, out } = await lens(`val openai:gpt-6-lunar --base-url ${simulator.baseUrls.openai}`);
    await simulator.close();
    expect(out).toContain("gpt-6-lunar is not among the 2 models of this server. Did you mean gpt-6-luna?");
    expect(code).toBe(3);
  });

  test("a dead server is a failed endpoint", async () => {
    const { code, out } = await lens("val openai:x --base-url http://127.0.0.1:1/v1");
    expect(states(out)).toEqual(["unknown key", "failed endpoint"]);
    expect(out).toContain("CONNECTION_REFUSED");
    expect(code).toBe(3);
  });

  test("what cannot be known is said to be unknown, never ok", async () => {
    const notFound = await withServer(
      (_request, response) => void response.writeHead(404).end("no"),
      (url) => lens(`val openai:x --base-url ${url}`),
    );
    const html = await withServer(
      (_request, response) => void response.writeHead(200).end("<html>"),
      (url) => lens(`val openai:x --base-url ${url}`),
    );
    for (const { code, out } of [notFound, html]) {
      expect(states(out)).toEqual(["unknown key", "unknown endpoint", "unknown model"]);
      expect(code).toBe(0);
    }
  });

  test("a model that is not on the first page of a long list is unknown", async () => {
    const page = JSON.stringify({ data: [{ id: "a" }], has_more: true });
    const { out } = await withServer(
      (_request, response) => void response.writeHead(200).end(page),
      (url) => lens(`val openai:x --base-url ${url}`),
    );
    expect(states(out).at(-1)).toBe("unknown model");
  });

  test("a failing test request fails the whole, whatever the list says", async () => {
    const { code, out } = await lens("val sim:sim-fault-500 --test-request");
    expect(states(out)).toEqual(["ok key", "ok endpoint", "ok model", "failed request"]);
    expect(code).toBe(3);
  });

  test("gives the checks as JSON", async () => {
    const { code, out } = await lens("val sim: openai:x --json");
    const result = JSON.parse(out) as { ok: boolean; checks: { target: string; check: string; state: string }[] };
    expect(result.ok).toBe(false);
    expect(result.checks.map(({ target, check, state }) => `${target} ${check} ${state}`)).toEqual([
      "sim key ok",
      "sim endpoint ok",
      "sim model ok",
      "openai:x key failed",
    ]);
    expect(code).toBe(2);
  });
});
