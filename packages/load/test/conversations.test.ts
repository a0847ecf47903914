import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, it } from "vitest";
import { type LoadPlan, runLoad, type RunLoadHere, type Ticket } from "../src/index.ts";
import { abortAfter, createVirtualServer, MS, rateLimited, type VirtualServerOptions } from "./virtual-server.ts";

/** Conversations 0, 2, 4 … have two turns, the others three. */
const turnsOf = (conversation: number): number => 2 + (conversation % 2);

async function converse(plan: LoadPlan, options: Partial<VirtualServerOptions> = {}, others: Partial<RunLoadHere> = {}) {
  const clock = createVirtualClock();
  const server = createVirtualServer(clock, { serviceNs: 30 * MS, ...options });
  const said: string[] = [];
  const dues: (number | null)[] = [];
  const ids: string[] = [];
  const result = await runLoad({
    plan,
    clock,
    turnsOf,
    send(ticket: Ticket) {
      const { number, turn } = ticket.conversation ?? { number: -1, turn: -1 };
      said.push(`${number}.${turn} at ${Number(clock.nowNs()) / MS}`);
      dues.push(ticket.dueNs === null ? null : Number(ticket.dueNs) / MS);
      ids.push(ticket.id);
      return server.send(ticket);
    },
    onRecord: () => undefined,
    ...others,
  });
  return { result, said, dues, ids, clock };
}

const open = (ratePerSecond: number, rest: { readonly maxInFlight?: number } = {}): LoadPlan["load"] => ({
  mode: "open",
  arrivals: { process: "constant", ratePerSecond },
  thinkTimeNs: 50 * MS,
  ...rest,
});

describe("conversations in an open loop", () => {
  it("begin by the schedule, and go on when an answer has come and its user has thought", async () => {
    const { result, said, dues, ids } = await converse({ load: open(10), requests: 2 });
    expect(said).toEqual(["0.0 at 0", "0.1 at 80", "1.0 at 100", "1.1 at 180", "1.2 at 260"]);
    expect(dues).toEqual([0, 80, 100, 180, 260]);
    expect(ids).toEqual(["r000000", "r000000.1", "r000001", "r000001.1", "r000001.2"]);
    expect(result).toMatchObject({ sent: 5, stoppedBy: "requests" });
    expect(result.schedule?.sent).toBe(5);
  });

  it("wait for a free place, and keep their due times", async () => {
    const { result, said, dues } = await converse({ load: open(20, { maxInFlight: 1 }), requests: 2 }, { serviceNs: 60 * MS });
    expect(said).toEqual(["0.0 at 0", "1.0 at 60", "0.1 at 120", "1.1 at 180", "1.2 at 290"]);
    expect(dues).toEqual([0, 50, 110, 170, 290]);
    expect(result.schedule?.waitedForSlot).toBe(3);
  });

  it("do not go on when the time is up", async () => {
    const { result, said } = await converse({ load: open(10), durationNs: 170 * MS });
    expect(said).toEqual(["0.0 at 0", "0.1 at 80", "1.0 at 100"]);
    expect(result.stoppedBy).toBe("duration");
  });

  it("are cut off by a signal", async () => {
    const clock = createVirtualClock();
    const server = createVirtualServer(clock, { serviceNs: 30 * MS });
    const result = await runLoad({
      plan: { load: open(10), requests: 2 },
      clock,
      turnsOf,
      send: server.send,
      onRecord: () => undefined,
      signal: abortAfter(clock, 140 * MS),
    });
    expect(server.seen.map(({ atNs }) => atNs / MS)).toEqual([0, 80, 100]);
    expect(result).toMatchObject({ stoppedBy: "signal", interrupted: true });
  });

  it("end with an answer that failed", async () => {
    const { said } = await converse({ load: open(10), requests: 2 }, { failure: (arrived) => (arrived === 0 ? rateLimited(null) : null) });
    expect(said).toEqual(["0.0 at 0", "1.0 at 100", "1.1 at 180", "1.2 at 260"]);
  });
});

describe("conversations in a closed loop", () => {
  const closed: LoadPlan = { load: { mode: "closed", concurrency: 2, thinkTimeNs: 10 * MS }, requests: 7, warmup: null };

  it("are had by each slot to their ends, one after the other", async () => {
    const { result, said, ids } = await converse(closed);
    expect(said).toEqual(["0.0 at 0", "1.0 at 0", "0.1 at 40", "1.1 at 40", "2.0 at 80", "1.2 at 80", "2.1 at 120"]);
    expect(ids).toEqual(["r000000", "r000001", "r000002.1", "r000003.1", "r000004", "r000005.2", "r000006.1"]);
    expect(result).toMatchObject({ sent: 7, stoppedBy: "requests" });
  });

  it("end with an answer that failed", async () => {
    const { said } = await converse(closed, { failure: (arrived) => (arrived === 0 ? rateLimited(null) : null) });
    expect(said.slice(0, 4)).toEqual(["0.0 at 0", "1.0 at 0", "2.0 at 40", "1.1 at 40"]);
  });

  it("are the same for each of several targets", async () => {
    const clock = createVirtualClock();
    const server = createVirtualServer(clock, { serviceNs: 30 * MS });
    const had: string[] = [];
    await runLoad({
      plan: { load: { mode: "closed", concurrency: 1 }, requests: 10, warmup: null, targets: 2 },
      clock,
      turnsOf: () => 2,
      send(ticket) {
        had.push(`${ticket.target}: ${ticket.conversation?.number}.${ticket.conversation?.turn}`);
        return server.send(ticket);
      },
      onRecord: () => undefined,
    });
    const of = (target: number): readonly string[] => had.filter((turn) => turn.startsWith(`${target}`)).map((turn) => turn.slice(3));
    expect(of(0)).toEqual(of(1));
    expect(of(0)).toEqual(["0.0", "0.1", "1.0", "1.1", "2.0", "2.1", "3.0", "3.1", "4.0", "4.1"]);
  });

  it("cannot be resumed", async () => {
    const resume = { elapsedNs: 0, nextIndex: 1, phases: [] };
    await expect(converse({ ...closed, resume })).rejects.toThrow("Expected a run without conversations to resume");
  });
});
