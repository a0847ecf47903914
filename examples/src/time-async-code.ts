/** How long any piece of asynchronous code takes, and its parts. */
import { formatDuration, measureAsync } from "@lens/core";
import { startSimulator } from "@lens/sim";

const simulator = await startSimulator();

const { value, totalNs, checkpoints } = await measureAsync(async (checkpoint) => {
  const response = await fetch(`${simulator.baseUrls.openai}/models`);
  checkpoint("headers");
  const body = await response.text();
  checkpoint("body");
  return body.length;
});
await simulator.close();

for (const { name, sinceLastNs } of checkpoints) console.log(`${name.padEnd(8)} ${formatDuration(sinceLastNs)}`);
console.log(`total    ${formatDuration(totalNs)} for ${value} characters`);
