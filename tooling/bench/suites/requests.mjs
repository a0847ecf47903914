// @ts-check
/** How many short answers a second one core of the client gets through, from a server that does not pace. */
import { CLIENT_CORE, here, runJson } from "../processes.mjs";
import { median } from "../table.mjs";

const TOKENS = 20;
const STREAMS = 50;

const CLIENTS = [
  { name: "lens", file: "lens.mjs", args: ["lean"] },
  { name: "lens over node:http", file: "lens.mjs", args: ["http"] },
  { name: "global fetch, bare", file: "fetch.mjs", args: [] },
  { name: "undici dispatch, bare", file: "undici.mjs", args: [] },
  { name: "OpenAI SDK", file: "openai.mjs", args: [] },
  { name: "autocannon", file: "autocannon.mjs", args: [] },
];

/** @param {import("../main.mjs").Settings} settings @returns {Promise<readonly import("../table.mjs").Table[]>} */
export async function requests({ truth, rounds, short, clients }) {
  const server = await truth.start({ ttftMs: 0, gapMs: 0, tokens: TOKENS });
  const order = { url: server.url, streams: STREAMS, requests: short ? 300 : 5_000, tokens: TOKENS, ttftMs: 0 };
  const chosen = CLIENTS.filter(({ name }) => clients === null || clients.some((part) => name.includes(part)));
  /** @type {Map<string, number[]>} */
  const rates = new Map(chosen.map(({ name }) => [name, []]));
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, file, args } of chosen) {
        process.stderr.write(`requests, round ${round + 1} of ${rounds}: ${name}\n`);
        const command = [process.execPath, "--no-warnings", here(`clients/${file}`), JSON.stringify(order), ...args];
        const found = /** @type {{ broken: number, requestsPerSecond: number }} */ (await runJson(command, CLIENT_CORE));
        if (found.broken > 0 || !(found.requestsPerSecond > 0))
          throw new Error(`${name}: answers were lost. It found ${JSON.stringify(found)}.`);
        rates.get(name)?.push(found.requestsPerSecond);
      }
    }
  } finally {
    await server.stop();
  }
  const rows = [...rates].map(([name, found]) => [name, median(found), Math.max(...found)]);
  return [
    {
      title: `Un-paced answers of ${TOKENS} tokens, ${STREAMS} at once, on one core`,
      columns: ["client", "requests per second, median", "best"],
      rows,
      notes: ["autocannon counts its whole run, connections and warm-up included, and looks at no byte of a body."],
    },
  ];
}
