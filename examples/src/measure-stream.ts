/** When the tokens of any async iterable come: here of a `fetch`; the stream of an SDK does as well. */
import { formatDuration, measureStream } from "@lens/core";
import { startSimulator } from "@lens/sim";

const simulator = await startSimulator({ scenario: { ttftMs: 50, gapMs: 5, outputTokens: 20 } });

/** Text of the answer as it comes, from an API that streams lines of JSON. */
async function* ask(question: string): AsyncGenerator<string> {
  const body = JSON.stringify({ model: "sim", messages: [{ role: "user", content: question }] });
  const response = await fetch(`${simulator.baseUrls.ollama}/api/chat`, { method: "POST", body });
  let rest = "";
  for await (const bytes of response.body ?? []) {
    const lines = (rest + Buffer.from(bytes).toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield (JSON.parse(line) as { message: { content: string } }).message.content;
  }
}

const stream = measureStream(() => ask("Why is the sky blue?"));
let text = "";
for await (const piece of stream) text += piece;
await simulator.close();

const { firstNs, endNs, arrivalsNs } = stream.timing();
console.log(`first token after ${formatDuration(firstNs ?? Number.NaN)}, the end after ${formatDuration(endNs ?? Number.NaN)}`);
console.log(`${arrivalsNs.length} pieces, ${text.length} characters`);
