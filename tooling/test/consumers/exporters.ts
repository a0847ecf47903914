import assert from "node:assert/strict";
import { consoleExporter, createOtlpPush, findExporter, jsonExporter } from "@lens/exporters";
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

assert.equal(findExporter("json"), jsonExporter);
assert.equal(JSON.parse(jsonExporter.render(report)).schema, 1);
assert.match(consoleExporter.render(report), /\n$/);

// OpenTelemetry is not installed here, and nobody but who sends to it needs it.
void assert.rejects(createOtlpPush({ endpoint: "http://127.0.0.1:4318" }), /npm install @opentelemetry\/api/);
