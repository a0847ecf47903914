// @ts-check
/** What stands around the tables. */
import { arch, cpus, loadavg, platform, release } from "node:os";
import { canPin, CLIENT_CORE, SERVER_CORE } from "./processes.mjs";
import { render } from "./table.mjs";

/** @param {import("./truth.mjs").Truth} truth @param {number} rounds */
export function describeRun(truth, rounds) {
  const [processor] = cpus();
  const pinning = canPin ? `server on core ${SERVER_CORE}, client on core ${CLIENT_CORE}` : "nothing pinned";
  const load = loadavg()[0] ?? 0;
  return [
    `${cpus().length} cores of ${processor?.model.trim() ?? "an unknown processor"}, ${platform()} ${release()} ${arch()}, Node ${process.versions.node}, loopback, ${pinning}.`,
    `Truth: ${truth.name}. ${rounds} round${rounds === 1 ? "" : "s"}, in which the clients took turns; medians.`,
    `Load average of the machine at the start: ${load.toFixed(1)}.`,
    "",
  ].join("\n");
}

const INTRODUCTION = `# Performance

Each table was put here by the \`pnpm bench … --write\` that stands above it. [ACCURACY.md](ACCURACY.md#the-benchmark) says how to read the columns.

A server that keeps a schedule of its own sends streams: the first token after 200 ms, then 99 more, one every 20 ms. In each token's text stands
the instant at which it was written, on the clock that all processes of a machine share. *Lag* is a client's own clock at the read less that
instant. *TTFT error* is what the client measured less 200 ms: the error of client, server and network together. The first wave, in which
connections are opened and code is warmed, is left out. The rows of lens hold all that a run does: requests built, events decoded, records kept
and summed up in histograms. "Bare" clients look for the stamp in the bytes and do nothing else. The C reader is nothing but epoll, and stands
for what this machine can give to anyone. Figures are of one machine and of what else ran on it: go by the ratios.

What limits: below saturation a token waits behind the other streams that are worked off in the same turn of the event loop. A core of
the client is saturated when its CPU per token, times tokens per second, comes near one second; from there on lag grows with the length of
the run, whatever the client, and the bound on lateness says so. With a thousand streams the cost of a token is less what is computed than
what is fetched: nothing of a stream's state is in the processor's cache when its next token comes.
`;

/** @param {string} text */
const titleOf = (text) => /^## (.*)$/m.exec(text)?.[1] ?? "";

/**
 * The document with `tables` in place of those of the same title.
 * @param {string} document as it was; empty for none @param {{ truth: import("./truth.mjs").Truth, rounds: number, tables: readonly import("./table.mjs").Table[] }} run
 */
export function mergeDocument(document, { truth, rounds, tables }) {
  const how = `\`pnpm bench ${process.argv.slice(2).join(" ")}\`, ${new Date().toISOString().slice(0, 10)}.\n${describeRun(truth, rounds)}`;
  const made = tables.map((table) => render(table).replace("\n\n", () => `\n\n${how}\n`));
  const known = document.split(/^(?=## )/m).slice(1);
  const kept = known.map((section) => made.find((table) => titleOf(table) === titleOf(section)) ?? section);
  const added = made.filter((table) => !known.some((section) => titleOf(section) === titleOf(table)));
  return `${[INTRODUCTION, ...kept, ...added].map((section) => section.trimEnd()).join("\n\n")}\n`;
}
