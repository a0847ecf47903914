// @ts-check
/**
 * The official SDK with and without `observeFetch`, by turns within one process: two processes, or two seconds, differ by more than
 * what is looked for. Prints one line of JSON.
 */
import { observeFetch } from "@lens/providers";
import OpenAI from "openai";
import { createSamples, nowNs, print, readOrder, spread } from "./tally.mjs";

const order = readOrder();
const WARM_UP_PAIRS = 4;
const NAMES = /** @type {const} */ (["bare", "observed"]);

let records = 0;
let broken = 0;
const settings = { baseURL: order.url, apiKey: "unused", maxRetries: 0 };
const clients = {
  bare: new OpenAI(settings),
  observed: new OpenAI({ ...settings, fetch: observeFetch({ onRecord: () => (records += 1) }) }),
};

/** One answer. @param {OpenAI} client @param {ReturnType<typeof createSamples>} lagsNs */
async function ask(client, lagsNs) {
  let tokens = 0;
  const stream = await client.chat.completions.create({
    model: "truth",
    stream: true,
    messages: [{ role: "user", content: "Say something." }],
  });
  for await (const chunk of stream) {
    const atNs = nowNs();
    const text = chunk.choices[0]?.delta.content ?? "";
    if (text === "") continue;
    tokens += 1;
    lagsNs.add(atNs - Number(text.slice(text.indexOf("@") + 1)));
  }
  if (tokens !== order.tokens) broken += 1;
}

/** As many answers at once as there are streams. @param {OpenAI} client */
async function wave(client) {
  const lagsNs = createSamples();
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: order.streams }, () => ask(client, lagsNs)));
  const { user, system } = process.cpuUsage(before);
  return { cpuUsPerToken: (user + system) / lagsNs.count(), lagUs: spread(lagsNs.sorted(), 1e3).p50 };
}

/** @type {Record<(typeof NAMES)[number], Awaited<ReturnType<typeof wave>>[]>} */
const waves = { bare: [], observed: [] };
const pairs = WARM_UP_PAIRS + order.requests / order.streams / NAMES.length;
for (let pair = 0; pair < pairs; pair += 1) {
  for (const name of pair % 2 === 0 ? NAMES : NAMES.toReversed()) {
    const found = await wave(clients[name]);
    if (pair >= WARM_UP_PAIRS) waves[name].push(found);
  }
}
print({ ...waves, broken, missing: pairs * order.streams - records });
