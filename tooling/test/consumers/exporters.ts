import assert from "node:assert/strict";
import { findExporter } from "@lens/exporters";
import { summarize } from "@lens/metrics";

const report = summarize([], {
  tool: { name: "consumer", version: "1.0.0" },
  run: {
    startedAtMs: 0,
    durationNs: 3_000,
    mode: "closed",
    command: null,
    seed: null,
    options: {},
    versions: {},
    machine: null,
    interrupted: false,
    shards: null,
  },
});

assert.equal(JSON.parse(findExporter("json").render(report)).schema, 1);
assert.match(findExporter("console").render(report), /\n$/);
