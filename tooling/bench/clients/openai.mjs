// @ts-check
/** The official SDK, as its README uses it, with retries off. */
import OpenAI from "openai";
import { createTally, nowNs, print, readOrder, runLoop } from "./tally.mjs";

const order = readOrder();
const tally = createTally(order);
const openai = new OpenAI({ baseURL: order.url, apiKey: "unused", maxRetries: 0 });

await runLoop(order, async (index) => {
  let tokens = 0;
  let firstNs = Number.NaN;
  const startNs = nowNs();
  const stream = await openai.chat.completions.create({
    model: "truth",
    stream: true,
    messages: [{ role: "user", content: "Say something." }],
  });
  for await (const chunk of stream) {
    const atNs = nowNs();
    const text = chunk.choices[0]?.delta.content ?? "";
    if (text === "") continue;
    if (tokens === 0) firstNs = atNs;
    tokens += 1;
    tally.token(atNs, Number(text.slice(text.indexOf("@") + 1)));
  }
  tally.ended({ index, ttftNs: firstNs - startNs, tokens });
});
print(tally.finding());
