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
    `- ${cpus().length} cores of ${processor?.model.trim() ?? "an unknown processor"}; ${platform()} ${release()}, ${arch()}; Node ${process.versions.node}; loopback; ${pinning}`,
    `- truth: ${truth.name}`,
    `- medians of ${rounds} round${rounds === 1 ? "" : "s"} in which the clients took turns; load average of the machine at the start: ${load.toFixed(1)}`,
    "",
  ].join("\n");
}

/** @param {{ truth: import("./truth.mjs").Truth, options: ReturnType<typeof import("./options.mjs").readOptions>, tables: readonly import("./table.mjs").Table[] }} run */
export function writeDocument({ truth, options, tables }) {
  const given = process.argv.slice(2).join(" ");
  return `# Performance

Written by \`pnpm bench\`. Made on ${new Date().toISOString().slice(0, 10)} with \`pnpm bench ${given}\`.

${describeRun(truth, options.rounds)}
## How to read this

A server that keeps a schedule of its own sends streams: the first token after 200 ms, then 99 more, one every 20 ms. In each token's text stands
the instant at which it was written, on the clock that all processes of a machine share. *Lag* is a client's own clock at the read less that instant.
*TTFT error* is what the client measured less 200 ms: the client's error, the server's and the network's together. The first wave, in which
connections are opened and code is warmed, is left out. The rows of lens hold everything that a run does: requests built, events decoded, records
kept and summed up in histograms. "Bare" clients look for the stamp in the bytes and do nothing else; the C reader is nothing but epoll, and
stands for what this machine can give to anyone. Absolute figures are of this machine and of what else ran on it: go by the ratios.

What limits: below saturation a token waits behind the other streams that are worked off in the same turn of the event loop, and one
core of the client is saturated when CPU per token times tokens per second comes near one. From there on lag grows without bound, whatever the
client; the lateness bound says so.

${tables.map(render).join("\n")}`;
}
