/** The simulator as a stand-in for a provider, in a test of a program that talks to one. It logs the truth about every answer. */
import assert from "node:assert/strict";
import { startSimulator } from "@lens/sim";

/** The program under test: asks again where it is told to wait. */
async function ask(baseUrl: string, question: string): Promise<string> {
  const body = JSON.stringify({ model: "any", messages: [{ role: "user", content: question }] });
  for (;;) {
    const response = await fetch(`${baseUrl}/chat/completions`, { method: "POST", body });
    if (response.status === 429) continue;
    const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
    return choices[0]?.message.content ?? "";
  }
}

const simulator = await startSimulator({ scenario: { ttftMs: 10, gapMs: 1, outputTokens: 5, faults: [{ fault: "429", every: 2 }] } });
const answers = [await ask(simulator.baseUrls.openai, "one"), await ask(simulator.baseUrls.openai, "two")];
await simulator.close();

assert.ok(answers.every((answer) => answer.split(" ").length === 5));
assert.deepEqual(
  simulator.truth().map(({ status }) => status),
  [200, 429, 200],
);
console.log(`${answers.length} answers, ${simulator.truth().length} requests`);
