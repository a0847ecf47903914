import assert from "node:assert/strict";
import { createLens, createMatchers } from "@lens/matchers";
import { withSimulator } from "@lens/matchers/simulator";
import { createPriceBook } from "@lens/metrics";

async function main(): Promise<void> {
  const lens = createLens();
  await withSimulator({ ttftMs: 1 }, ({ origin }) => lens.time(async () => (await fetch(`${origin}/v1/models`)).text()));
  const { toHavePercentileBelow } = createMatchers({ prices: createPriceBook, onJudged: () => undefined });
  const { pass, message } = toHavePercentileBelow.call({}, lens, "e2e", 50, "1h");
  assert.equal(pass, false);
  assert.match(message(), /Take 1 more sample\./);
}

void main();
