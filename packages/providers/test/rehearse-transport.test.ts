import { systemClock } from "@lens/core";
import { expect, test } from "vitest";
import { rehearseTransport } from "../src/rehearse-transport.ts";

test("a rehearsal reads answers until its time is up", async () => {
  const startNs = systemClock.nowNs();
  expect(await rehearseTransport({ durationNs: 50e6 })).toBeGreaterThanOrEqual(8);
  expect(Number(systemClock.nowNs() - startNs)).toBeGreaterThanOrEqual(50e6);
});

test("a rehearsal without time reads nothing", async () => {
  expect(await rehearseTransport({ durationNs: 0 })).toBe(0);
});
