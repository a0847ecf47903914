// @ts-check
/** What each client makes of paced streams: CPU, how late it sees tokens, how wrong its TTFT is, and whether ours knows it. */
import { CLIENT_CORE, here, runJson } from "../processes.mjs";
import { median } from "../table.mjs";

/** @typedef {import("../clients/tally.mjs").Finding} Finding */
/** @typedef {Finding & { lateness?: { perTokenMs: Spread, perRequestMs: Spread, coveredShare: number }, boundMs?: Spread, summed?: number }} ClientFinding */
/** @typedef {import("../clients/tally.mjs").Spread} Spread */
/** @typedef {{ readonly name: string, readonly file: string, readonly args?: readonly string[], readonly unpinned?: boolean }} Client */

const PACE = { ttftMs: 200, gapMs: 20, tokens: 100 };
const SHORT_PACE = { ttftMs: 50, gapMs: 5, tokens: 20 };
const C_READER = "C reader (epoll)";
const FETCH = "global fetch, bare";

/** @type {readonly Client[]} */
const CLIENTS = [
  { name: "lens", file: "lens.mjs", args: ["lean"] },
  { name: "lens over node:http", file: "lens.mjs", args: ["http"] },
  { name: "lens, held against its bounds", file: "lens.mjs", args: ["lean", "bounds"] },
  { name: "lens over node:http, held against its bounds", file: "lens.mjs", args: ["http", "bounds"] },
  { name: "lens, run by 1 worker", file: "load.mjs", args: ["1"] },
  { name: "lens, run by 2 workers, not pinned", file: "load.mjs", args: ["2"], unpinned: true },
  { name: FETCH, file: "fetch.mjs" },
  { name: "undici dispatch, bare", file: "undici.mjs" },
  { name: "OpenAI SDK", file: "openai.mjs" },
];

/** How many requests make a few steady waves, the first one left out. @param {number} streams @param {boolean} short */
function requestsOf(streams, short) {
  if (short) return streams * 3;
  return streams * (streams === 1 ? 4 : 3);
}

/**
 * What the C reader prints, in the clients' terms: it cannot tell CPU of the first wave from that of the others.
 * @param {string} program @param {import("../clients/tally.mjs").Order} order @returns {Promise<Finding>}
 */
async function runReader(program, order) {
  const printed = /** @type {{ tokens: number, cpuUsPerToken: number, lagUs: Spread, ttftMs: Spread }} */ (
    await runJson([program, new URL(order.url).port, String(order.streams), String(order.requests), String(order.streams)], CLIENT_CORE)
  );
  const requests = order.requests - order.streams;
  return {
    requests,
    tokens: printed.tokens,
    broken: printed.tokens === requests * order.tokens ? 0 : 1,
    cpuUsPerToken: printed.cpuUsPerToken,
    requestsPerSecond: Number.NaN,
    lagMs: { p50: printed.lagUs.p50 / 1e3, p99: printed.lagUs.p99 / 1e3 },
    ttftErrorMs: { p50: printed.ttftMs.p50 - order.ttftMs, p99: printed.ttftMs.p99 - order.ttftMs },
    rssMb: Number.NaN,
  };
}

/** Fails on broken output, never on a time. @param {string} name @param {import("../clients/tally.mjs").Order} order @param {ClientFinding} found */
function check(name, order, found) {
  /** @param {string} what */
  const fail = (what) => {
    throw new Error(`${name} at ${order.streams} streams: ${what}. It found ${JSON.stringify(found)}.`);
  };
  if (found.broken > 0) fail("answers lacked tokens");
  if (!(found.tokens > 0 && found.requests > 0)) fail("no steady state");
  const figures = [
    found.cpuUsPerToken,
    ...(found.boundMs === undefined ? [found.lagMs.p50, found.lagMs.p99] : [found.boundMs.p99]),
    found.ttftErrorMs.p50,
    found.ttftErrorMs.p99,
  ];
  if (!figures.every(Number.isFinite)) fail("figures are missing");
  if (found.lateness !== undefined && !Number.isFinite(found.lateness.perTokenMs.p99)) fail("no bound on lateness");
  if (found.summed === undefined) return;
  // Tokens that came in one read have no gap between them, so there may be fewer, not more.
  if (!(found.summed > 0 && found.summed <= order.requests * (order.tokens - 1))) fail("histograms do not hold what was read");
}

/** @param {readonly ClientFinding[]} findings @param {(finding: ClientFinding) => number} pick */
const medianOf = (findings, pick) => median(findings.map((finding) => pick(finding) ?? Number.NaN));

/**
 * @param {import("../main.mjs").Settings} settings @param {{ streams: number, tls: boolean }} level
 * @returns {Promise<ReadonlyMap<string, readonly ClientFinding[]>>} rounds of each client that took part
 */
async function measure({ truth, rounds, short, clients }, { streams, tls }) {
  const pace = short ? SHORT_PACE : PACE;
  const server = await truth.start({ ...pace, tls });
  const order = { url: server.url, streams, requests: requestsOf(streams, short), tokens: pace.tokens, ttftMs: pace.ttftMs };
  const env = tls ? { NODE_EXTRA_CA_CERTS: here("truth-server/cert.pem") } : {};
  const chosen = CLIENTS.filter(({ name }) => clients === null || clients.some((part) => name.includes(part)));
  /** @type {Map<string, ClientFinding[]>} */
  const found = new Map();
  /** @param {string} name @param {ClientFinding} finding */
  const keep = (name, finding) => {
    check(name, order, finding);
    found.set(name, [...(found.get(name) ?? []), finding]);
  };
  try {
    for (let round = 0; round < rounds; round += 1) {
      if (truth.reader !== null && !tls) keep(C_READER, await runReader(truth.reader, order));
      for (const { name, file, args = [], unpinned = false } of chosen) {
        process.stderr.write(`${streams} ${tls ? "TLS " : ""}streams, round ${round + 1} of ${rounds}: ${name}\n`);
        const command = [process.execPath, "--no-warnings", here(`clients/${file}`), JSON.stringify(order), ...args];
        keep(name, /** @type {ClientFinding} */ (await runJson(command, unpinned ? null : CLIENT_CORE, env)));
      }
    }
  } finally {
    await server.stop();
  }
  return found;
}

/** The clients that held lags against bounds, or those that did not. @param {ReadonlyMap<string, readonly ClientFinding[]>} found @param {boolean} held */
const withBounds = (found, held) =>
  [...found].filter(([, findings]) => findings.every(({ lateness }) => (lateness !== undefined) === held));

/** @param {{ streams: number, tls: boolean }} level */
const titleOf = ({ streams, tls }) => `${streams.toLocaleString("en-US")} stream${streams === 1 ? "" : "s"} at once${tls ? ", TLS" : ""}`;

/** @param {ReadonlyMap<string, readonly ClientFinding[]>} found @param {{ streams: number, tls: boolean }} level @returns {import("../table.mjs").Table} */
function streamsTable(found, level) {
  /** @param {string} name */
  const cpuOf = (name) => (found.has(name) ? medianOf(found.get(name) ?? [], (finding) => finding.cpuUsPerToken) : null);
  const reader = cpuOf(C_READER);
  const bare = cpuOf(FETCH);
  /** @param {number} cpu @param {number | null} base */
  const times = (cpu, base) => (base === null ? null : `${(cpu / base).toFixed(2)} ×`);
  const rows = withBounds(found, false).map(([name, findings]) => {
    const cpu = medianOf(findings, (finding) => finding.cpuUsPerToken);
    return [
      name,
      cpu,
      times(cpu, reader),
      times(cpu, bare),
      medianOf(findings, (finding) => finding.lagMs.p50),
      medianOf(findings, (finding) => finding.lagMs.p99),
      medianOf(findings, (finding) => finding.ttftErrorMs.p50),
      medianOf(findings, (finding) => finding.ttftErrorMs.p99),
      medianOf(findings, (finding) => finding.rssMb),
    ];
  });
  return {
    title: titleOf(level),
    columns: [
      "client",
      "CPU per token, µs",
      "of the C reader's",
      "of fetch's",
      "lag p50, ms",
      "lag p99, ms",
      "TTFT error p50, ms",
      "TTFT error p99, ms",
      "RSS, MB",
    ],
    rows,
    notes: [],
  };
}

/** @param {ReadonlyMap<string, readonly ClientFinding[]>} found @param {{ streams: number, tls: boolean }} level @returns {import("../table.mjs").Table} */
function latenessTable(found, level) {
  const rows = withBounds(found, true).map(([name, findings]) => [
    name.replace(/,.*/, ""),
    medianOf(findings, (finding) => finding.lagMs.p50),
    medianOf(findings, (finding) => finding.lagMs.p99),
    medianOf(findings, (finding) => finding.lateness?.perTokenMs.p50 ?? Number.NaN),
    medianOf(findings, (finding) => finding.lateness?.perTokenMs.p99 ?? Number.NaN),
    medianOf(findings, (finding) => finding.lateness?.perRequestMs.p50 ?? Number.NaN),
    medianOf(findings, (finding) => finding.lateness?.perRequestMs.p99 ?? Number.NaN),
    `${(100 * medianOf(findings, (finding) => finding.lateness?.coveredShare ?? Number.NaN)).toFixed(2)} %`,
  ]);
  return {
    title: `${titleOf(level)}: what the instrument says of its own error`,
    columns: [
      "client",
      "true lag p50, ms",
      "p99, ms",
      "bound p50, ms",
      "p99, ms",
      "worst bound of a request p50, ms",
      "p99, ms",
      "lag ≤ bound + 0.2 ms",
    ],
    rows,
    notes: [],
  };
}

/** @param {import("../main.mjs").Settings} settings @param {readonly { streams: number, tls: boolean }[]} levels */
async function measureAll(settings, levels) {
  const tables = [];
  for (const level of levels) {
    const found = await measure(settings, level);
    tables.push(streamsTable(found, level), latenessTable(found, level));
  }
  return tables;
}

/** Streams without encryption. @param {import("../main.mjs").Settings} settings */
export const streams = (settings) =>
  measureAll(
    settings,
    settings.levels.map((count) => ({ streams: count, tls: false })),
  );

/** Streams over TLS. @param {import("../main.mjs").Settings} settings */
export const tlsStreams = (settings) =>
  measureAll(
    settings,
    settings.levels.filter((count) => count <= 1000).map((count) => ({ streams: count, tls: true })),
  );
