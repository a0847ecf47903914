import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, test } from "vitest";
import { createStart, readStartAt } from "../src/start-at.ts";
import { lens } from "./fake-io.ts";

/** 2026-11-23, 10:00 UTC. */
const NOW_MS = 1_795_428_000_000;

describe("a common start", () => {
  test.each([
    ["2026-11-23T10:00:30Z", 30_000],
    ["2026-11-23T11:00:30.250+01:00", 30_250],
    ["2026-11-23T10:01Z", 60_000],
    ["1795428030", 30_000],
    ["1795428030.5", 30_500],
    ["1795428030000", 30_000],
    ["+30s", 30_000],
    ["+1m30s", 90_000],
    ["2026-11-23T09:59:30Z", -30_000],
  ])("may be written as %s", (written, inMs) => {
    expect(readStartAt(written, NOW_MS) - NOW_MS).toBe(inMs);
  });

  test.each([
    ["soon", "a time with its zone such as 2026-11-23T10:00:00Z, seconds of the epoch, or +30s, got `soon`"],
    ["2026-11-23T10:00:30", "a time with its zone such as 2026-11-23T10:00:00Z, seconds of the epoch, or +30s, got `2026-11-23T10:00:30`"],
    [
      "2026-13-23T10:00:30Z",
      "a time with its zone such as 2026-11-23T10:00:00Z, seconds of the epoch, or +30s, got `2026-13-23T10:00:30Z`",
    ],
    ["2026-11-23T09:55:00Z", "a time to come, got `2026-11-23T09:55:00Z`, which was 5 min 0 s ago"],
    ["2026-11-25T10:00:00Z", "within a day, got `2026-11-25T10:00:00Z`"],
  ])("is refused as %s", (written, complaint) => {
    expect(() => readStartAt(written, NOW_MS)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: `Expected \`--start-at\` to be ${complaint}.` }),
    );
  });

  const waiting = (quiet = false) => {
    const said: string[] = [];
    const clock = createVirtualClock({ epochMs: NOW_MS });
    const notices = { say: async (text: string) => void said.push(text), attach: () => undefined };
    const stop = new AbortController();
    return { said, stop, options: { clock, notices, quiet, signal: stop.signal } };
  };

  test("is waited for to the nanosecond, and said", async () => {
    const { said, options } = waiting();
    await createStart(NOW_MS + 30_000, options)();
    expect(options.clock.nowNs()).toBe(30_000_000_000n);
    expect(said).toEqual(["Waiting for 30.0 s, until 2026-11-23 10:00:30 UTC.\n"]);
  });

  test("that is past is now", async () => {
    const { said, options } = waiting();
    await createStart(NOW_MS - 1500, options)();
    expect(options.clock.nowNs()).toBe(0n);
    expect(said).toEqual(["lens: starting 1.50 s later than `--start-at` says.\n"]);
  });

  test("is waited for once, and where there is none, not at all", async () => {
    const { said, options } = waiting();
    const start = createStart(NOW_MS + 1000, options);
    await start();
    await start();
    await createStart(null, options)();
    expect(options.clock.nowNs()).toBe(1_000_000_000n);
    expect(said).toHaveLength(1);
  });

  test("is not waited for once the user has enough, nor spoken of to those who want quiet", async () => {
    const { said, stop, options } = waiting(true);
    stop.abort();
    await createStart(NOW_MS + 30_000, options)();
    expect(options.clock.nowNs()).toBe(0n);
    expect(said).toEqual([]);
  });

  test("holds a run back", async () => {
    const startedMs = Date.now();
    const { code, err, out } = await lens("bench sim: -n 2 -c 1 --json --start-at +300ms");
    expect(code).toBe(0);
    expect(err).toContain("Waiting for ");
    const { run } = JSON.parse(out) as { run: { startedAtMs: number; options: object } };
    expect(run.startedAtMs).toBeGreaterThanOrEqual(startedMs + 300);
    expect(run.options).not.toHaveProperty("startAt");
  });
});
