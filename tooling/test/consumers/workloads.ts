import assert from "node:assert/strict";
import { openPromptSource, parseLength, type WorkloadSpec } from "@lens/workloads";

const spec: WorkloadSpec = { kind: "synthetic", inputTokens: parseLength("normal:100,10"), outputTokens: parseLength(20) };

async function main(): Promise<void> {
  const source = await openPromptSource(spec, { seed: 1 });
  const { prompt, mark } = await source.next({ index: 0, phase: "measured", target: 0, turn: 0 });
  assert.equal(prompt.maxTokens, 20);
  assert.equal(mark?.sentInputTokens, mark?.askedInputTokens);
  await source.close();
}

void main();
