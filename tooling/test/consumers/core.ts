import assert from "node:assert/strict";
import { LensError, measure, parseRecord } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";

const clock = createVirtualClock();
const { value, totalNs } = measure(() => {
  clock.advance(5_000);
  return "done";
}, clock);

assert.deepEqual({ value, totalNs }, { value: "done", totalNs: 5_000 });
assert.throws(
  () => parseRecord({}),
  (error) => error instanceof LensError && error.code === "INVALID_RECORD",
);
