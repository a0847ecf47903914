import { type RequestRecord, systemClock } from "@lens/core";
import { type Scenario, type Simulator, startSimulator } from "@lens/sim";
import { describe, expect, it } from "vitest";
import { observeFetch } from "../src/index.ts";
import { type AskOptions, type SdkClient, sdkClients } from "./sdk-clients.ts";

const SCENARIO: Partial<Scenario> = { ttftMs: 20, gapMs: 2, outputTokens: 12, retryAfterMs: 10 };
/** With this seed the first of two requests meets the fault, and the second does not. */
const FAILS_FIRST = 8;

interface Way {
  readonly scenario?: Partial<Scenario>;
  readonly kind?: "stream" | "whole";
  readonly model?: string;
  readonly retries?: number;
  /** Made anew for each of the two runs. */
  readonly controls?: () => Partial<AskOptions>;
}

/** What it came to, without times of day. An error is told apart by its class and words. */
async function resultOf(asked: Promise<unknown>, { port }: Simulator): Promise<unknown> {
  const seen = await asked.then(
    (value) => ({ value }),
    (error: Error) => ({ error: error.name, message: error.message, status: "status" in error ? error.status : null }),
  );
  const withoutTimes = (key: string, value: unknown): unknown =>
    /^(?:created|created_at|completed_at|headers|date)$/.test(key) ? undefined : value;
  return JSON.parse(JSON.stringify(seen, withoutTimes).replaceAll(String(port), "PORT"));
}

/** Asks one simulator through the SDK as it is, and another of the same seed through an observed fetch. */
async function ask(client: SdkClient, way: Way) {
  const { scenario = {}, kind = "stream", model = "sim", retries = 0, controls = () => ({}) } = way;
  const records: RequestRecord[] = [];
  const instantsNs: bigint[] = [];
  const start = () => startSimulator({ scenario: { ...SCENARIO, ...scenario } });
  const [bare, watched] = await Promise.all([start(), start()]);
  const nowNs = (): bigint => {
    instantsNs.push(systemClock.nowNs());
    return instantsNs.at(-1) ?? 0n;
  };
  const fetch = observeFetch({ onRecord: (record) => records.push(record), clock: { ...systemClock, nowNs } });
  try {
    const [expected, result] = await Promise.all([
      resultOf(client[kind]({ simulator: bare, fetch: undefined, model, retries, ...controls() }), bare),
      resultOf(client[kind]({ simulator: watched, fetch, model, retries, ...controls() }), watched),
    ]);
    expect(result).toEqual(expected);
    // Closed, it knows of all that it did.
    await watched.close();
    const [record] = records;
    if (record === undefined) throw new Error("Expected a record.");
    // The first question for the time is where the first record starts.
    return { record, records, result, truth: watched.truth(), startNs: instantsNs[0] ?? 0n };
  } finally {
    await Promise.all([bare.close(), watched.close()]);
  }
}

const MS = 1e6;

describe.each(sdkClients)("observeFetch under $name", (client) => {
  it("changes nothing of a stream, and knows its tokens and their order in time", async () => {
    const { record, records, truth, startNs } = await ask(client, {});
    const [entry] = truth;
    expect(records).toHaveLength(1);
    expect(record.target).toMatchObject({ provider: client.provider, model: "sim", label: `${client.provider}:sim` });
    expect(record.outcome).toMatchObject({ kind: "ok", error: null });
    expect(record.usage).toMatchObject({ inputTokens: entry?.inputTokens, outputTokens: entry?.outputTokens });
    expect(record.usageSource).toBe("reported");
    expect(record.arrivals.events.reduce((sum, events) => sum + events, 0)).toBe(entry?.chunks);
    expect(record.arrivals.atNs[0]).toBeGreaterThanOrEqual(20 * MS);
    expect(record.arrivals.atNs.at(-1)).toBeGreaterThanOrEqual(42 * MS);
    // Nothing can have come before it was written; the last token is a read of its own, or came with the one before.
    const writtenNs = entry?.tokenNs.map((atNs) => Number(atNs - startNs)) ?? [];
    expect(record.arrivals.atNs[0]).toBeGreaterThanOrEqual(writtenNs[0] ?? Number.NaN);
    expect(record.arrivals.atNs.at(-1)).toBeGreaterThanOrEqual(writtenNs.at(-1) ?? Number.NaN);
    expect(record.endNs).toBeGreaterThanOrEqual(record.arrivals.atNs.at(-1) ?? Number.NaN);
    expect(record.attempts).toMatchObject([{ status: 200, error: null }]);
    expect(record.reply).toMatchObject({ model: "sim", requestId: entry?.id });
  });

  it("changes nothing of an answer in one piece, and knows its tokens", async () => {
    const { record, records, truth } = await ask(client, { kind: "whole" });
    expect(records).toHaveLength(1);
    expect(record.outcome).toMatchObject({ kind: "ok", error: null });
    expect(record.target.model).toBe("sim");
    expect(record.usage).toMatchObject({ inputTokens: truth[0]?.inputTokens, outputTokens: truth[0]?.outputTokens });
    expect(record.arrivals.kind).toEqual(["text"]);
    expect(record.arrivals.atNs[0]).toBeGreaterThanOrEqual(42 * MS);
  });

  it.each(["stream", "whole"] as const)("sees the calls of tools in a %s", async (kind) => {
    const { record, truth } = await ask(client, { kind, scenario: { toolCalls: 2 } });
    expect(record.outcome.kind).toBe("ok");
    expect(new Set(record.arrivals.kind)).toEqual(new Set(["tool"]));
    expect(record.usage?.outputTokens).toBe(truth[0]?.outputTokens);
  });

  it("counts reasoning apart", async () => {
    const { record, truth } = await ask(client, { scenario: { reasoningTokens: 6 } });
    expect(record.usage?.outputTokens).toBe(18);
    expect(record.usage?.reasoningTokens).toBe(truth[0]?.reasoningTokens);
  });

  it("records what the caller breaks off in mid-stream as aborted", async () => {
    const controls = (): Partial<AskOptions> => {
      const controller = new AbortController();
      let pieces = 0;
      return {
        signal: controller.signal,
        onPiece() {
          pieces += 1;
          if (pieces === 4) controller.abort();
        },
      };
    };
    const { record, records } = await ask(client, { scenario: { gapMs: 100 }, controls });
    expect(records).toHaveLength(1);
    expect(record.outcome).toMatchObject({ kind: "aborted", error: { code: "ABORTED" } });
  });

  it("passes an error in mid-stream on as it is, and records it", async () => {
    const { record } = await ask(client, { model: "sim-fault-error" });
    expect(record.outcome).toMatchObject({ kind: "error", error: { code: "STREAM_ERROR" } });
    expect(record.arrivals.atNs.length).toBeGreaterThan(0);
  });

  it("passes a cut connection on as it is, and records it as incomplete", async () => {
    const { record } = await ask(client, { model: "sim-fault-cut" });
    expect(record.outcome).toMatchObject({ kind: "incomplete", error: { code: "STREAM_CUT" } });
  });

  it("passes a refused key on as it is, and keeps none", async () => {
    const { records, result } = await ask(client, { model: "sim-fault-401" });
    expect(result).toHaveProperty("error");
    expect(records[0]?.outcome).toMatchObject({ kind: "error", error: { code: "AUTHENTICATION", status: 401 } });
    expect(JSON.stringify(records)).not.toContain("very-secret");
    expect(JSON.stringify(records)).not.toContain("sky");
  });
});

// Some SDKs wait for seconds before they try again, whatever the server says: these wait together.
describe.concurrent.each(sdkClients)("observeFetch under $name that tries again", (client) => {
  it.each(["stream", "whole"] as const)("has a record for each try of a %s, and the failed one says why", async (kind) => {
    const { records, truth } = await ask(client, {
      kind,
      scenario: { faults: [{ fault: "429", share: 0.5 }], seed: FAILS_FIRST },
      retries: 2,
    });
    expect(truth.map(({ status }) => status)).toEqual([429, 200]);
    expect(records.map(({ outcome }) => outcome.error?.code ?? outcome.kind)).toEqual(["RATE_LIMITED", "ok"]);
    expect(records.at(-1)?.usage?.outputTokens).toBe(truth.at(-1)?.outputTokens);
    expect(records.map(({ labels }) => labels)).toEqual(client.countsRetries ? [{}, { retry: "1" }] : [{}, {}]);
  });
});
