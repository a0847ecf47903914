import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RequestRecord } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LoadPlan, type OpenPlan, planRequests, resolvePlan, runLoad, type RunLoadHere, type Ticket } from "../src/index.ts";
import { openSchedule } from "../src/open-schedule.ts";
import { createVirtualServer, MS } from "./virtual-server.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lens-load-"));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function traceOf(timesMs: readonly number[], more = ""): Promise<string> {
  const path = join(folder, `trace-${(files += 1)}`);
  const lines = timesMs.map((timestamp, index) => JSON.stringify({ timestamp, input_length: 10 + index, output_length: 1 + index }));
  await writeFile(path, `${lines.join("\n")}\n${more}`);
  return path;
}

function traceLoad(path: string, speed = 1): LoadPlan["load"] {
  return { mode: "open", arrivals: { process: "trace", trace: { path, format: "mooncake", speed } } };
}

async function replay(plan: LoadPlan, others: Partial<RunLoadHere> = {}) {
  const clock = createVirtualClock();
  const server = createVirtualServer(clock, { serviceNs: 30 * MS });
  const tickets: Ticket[] = [];
  const records: RequestRecord[] = [];
  const result = await runLoad({
    plan,
    clock,
    send(ticket) {
      tickets.push(ticket);
      return server.send(ticket);
    },
    onRecord: (record) => void records.push(record),
    ...others,
  });
  return { result, tickets, records, sentMs: server.seen.map(({ atNs }) => atNs / MS) };
}

describe("an open loop of a trace", () => {
  it("sends each request at its time, with what its line says", async () => {
    const { result, tickets, records, sentMs } = await replay({ load: traceLoad(await traceOf([500, 520, 520, 577.25])) });
    expect(sentMs).toEqual([0, 20, 20, 77.25]);
    expect(records.map(({ queuedNs }) => queuedNs)).toEqual([0, 0, 0, 0]);
    expect(tickets.map(({ index, row }) => [index, row?.place, row?.inputTokens, row?.outputTokens])).toEqual([
      [0, 0, 10, 1],
      [1, 1, 11, 2],
      [2, 2, 12, 3],
      [3, 3, 13, 4],
    ]);
    expect(result).toMatchObject({ sent: 4, stoppedBy: "requests", trace: { skippedLines: 0, failure: null } });
    expect(result.schedule?.sendLag.maxNs).toBe(0);
  });

  it("is twice as fast where that is wanted, and keeps to the limits of its plan", async () => {
    const path = await traceOf([0, 100, 200, 300, 400]);
    expect((await replay({ load: traceLoad(path, 2) })).sentMs).toEqual([0, 50, 100, 150, 200]);
    const counted = await replay({ load: traceLoad(path), requests: 2, warmup: { requests: 1 } });
    expect(counted.tickets.map(({ phase }) => phase)).toEqual(["warmup", "measured", "measured"]);
    const timed = await replay({ load: traceLoad(path), durationNs: 250 * MS });
    expect([timed.sentMs, timed.result.stoppedBy]).toEqual([[0, 100, 200], "duration"]);
  });

  it("keeps the phases that a run of records had", async () => {
    const path = join(import.meta.dirname, "../../../examples/workloads/records.jsonl");
    const load: LoadPlan["load"] = { mode: "open", arrivals: { process: "trace", trace: { path, format: "records" } } };
    const { tickets, sentMs } = await replay({ load });
    expect(tickets.map(({ phase }, index) => `${phase} ${sentMs[index]}`)).toEqual([
      "warmup 0",
      "measured 20",
      "measured 45",
      "measured 90",
    ]);
    expect((await replay({ load, drain: { requests: 1 }, requests: 2 })).tickets.map(({ phase }) => phase)).toEqual([
      "measured",
      "measured",
      "drain",
    ]);
  });

  it("falls to workers and shards as every schedule does: each request to one, at the same time", async () => {
    const times = Array.from({ length: 3_000 }, (_, index) => index * 2);
    const path = await traceOf(times);
    const plan = resolvePlan({ load: traceLoad(path), targets: 2 }) as OpenPlan;
    const walk = async (index: number, of: number) => {
      const schedule = await openSchedule(plan, { index, of });
      const found = [];
      for (let request = await schedule.next(); request !== null; request = await schedule.next()) found.push(request);
      await schedule.close();
      return found;
    };
    const whole = await walk(0, 1);
    const parts = (await Promise.all([walk(0, 3), walk(1, 3), walk(2, 3)])).flat().toSorted((a, b) => a.index - b.index);
    expect(parts).toEqual(whole);
    expect(whole.map(({ index, dueNs, row }) => [index, dueNs, row?.place])).toEqual(times.map((ms, index) => [index, ms * MS, index]));
    const listed = resolvePlan({
      load: { mode: "open", arrivals: { process: "timestamps", atNs: times.map((ms) => ms * MS) } },
      targets: 2,
    });
    const asListed = [...planRequests(listed as OpenPlan, { index: 0, of: 1 })];
    expect(whole.map(({ index, dueNs, phase, target, turn }) => ({ index, dueNs, phase, target, turn }))).toEqual(asListed);
  });

  it("sends nothing of a trace that is wrong in its first thousand requests", async () => {
    const path = await traceOf([0, 10], '{"timestamp": 5, "input_length": 1, "output_length": 1}\n');
    const sent: Ticket[] = [];
    const send = (ticket: Ticket): never => {
      sent.push(ticket);
      throw new Error("not to be sent");
    };
    await expect(replay({ load: traceLoad(path) }, { send })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: `Expected a trace that runs forwards, got a request 5 ms before the one above it, in \`${path}\`, line 3, column 2.`,
    });
    expect(sent).toEqual([]);
  });

  it("stops at a line further on, keeps what it has measured, and says so", async () => {
    const path = await traceOf(
      Array.from({ length: 1_200 }, (_, index) => index),
      "nonsense\n",
    );
    const { result, records } = await replay({ load: traceLoad(path) });
    expect(records).toHaveLength(1_200);
    expect(result).toMatchObject({ sent: 1_200, stoppedBy: "trace", interrupted: false });
    expect(result.trace?.failure?.message).toBe(`Expected JSON, got something else, in \`${path}\`, line 1201, column 1.`);
  });

  it("is read while it is sent, so nobody can say beforehand what is due", () => {
    const plan = resolvePlan({ load: traceLoad("/none") }) as OpenPlan;
    expect(() => planRequests(plan, { index: 0, of: 1 }).next()).toThrow("got a trace, which is read while it is sent");
  });
});
