// @ts-check
/**
 * This project, with all that a run has: requests built, answers decoded, records kept and summed up in histograms, lateness watched.
 *
 *   node lens.mjs '<order>' lean|http [bounds]
 *
 * With `bounds` it also holds each token's lag against the bound that its read was given; that costs, so figures of CPU are made without.
 */
import { createSummary, ttftNs } from "@lens/metrics";
import { createHttpTransport, createLeanTransport, openaiChat, runRequest } from "@lens/providers";
import { createSamples, createTally, print, readOrder, runLoop, scanStamps, spread } from "./tally.mjs";

/** What the bound may miss: the time that a processor takes to wake up. */
const ALLOWANCE_NS = 200_000;

const order = readOrder();
const tally = createTally(order);
const holdsBounds = process.argv[4] === "bounds";
const transport = process.argv[3] === "http" ? createHttpTransport() : createLeanTransport();
const summary = createSummary({});
const boundsNs = createSamples();
const requestBoundsNs = createSamples();
let covered = 0;

/**
 * The transport, with an eye on the stamps of what it reads: as the other clients do it, and not by `onDelta`, for whose sake each event
 * would be decoded when it comes. @param {(stampNs: number, atNs: number, boundNs: number) => void} found @returns {import("@lens/providers").Transport}
 */
const watched = (found) => ({
  send: (request, observer) =>
    transport.send(request, {
      ...observer,
      bytes(chunk, instantNs, latenessNs) {
        const atNs = Number(instantNs);
        scanStamps(chunk, (stampNs) => found(stampNs, atNs, latenessNs ?? Number.NaN));
        observer.bytes(chunk, instantNs, latenessNs);
      },
    }),
  close: () => transport.close(),
});

const prompt = { model: "truth", messages: [{ role: /** @type {const} */ ("user"), content: "Say something." }] };
const credentials = { apiKey: "unused", baseUrl: order.url };

await runLoop(order, async (index) => {
  let tokens = 0;
  const record = await runRequest(openaiChat, prompt, {
    credentials,
    transport: watched((stampNs, atNs, boundNs) => {
      tokens += 1;
      tally.token(atNs, stampNs);
      if (!holdsBounds || !tally.isSteady()) return;
      boundsNs.add(boundNs);
      if (atNs - stampNs <= boundNs + ALLOWANCE_NS) covered += 1;
    }),
  });
  summary.add(record);
  if (tally.isSteady()) requestBoundsNs.add(record.latenessNs ?? Number.NaN);
  tally.ended({ index, ttftNs: ttftNs(record) ?? Number.NaN, tokens });
});

const finding = tally.finding();
/** @type {import("@lens/metrics").RunManifest} */
const run = {
  startedAtMs: 0,
  durationNs: 0,
  mode: "closed",
  command: null,
  seed: null,
  options: {},
  versions: {},
  machine: null,
  interrupted: false,
  shards: null,
};
const lateness = {
  perTokenMs: spread(boundsNs.sorted(), 1e6),
  perRequestMs: spread(requestBoundsNs.sorted(), 1e6),
  coveredShare: covered / finding.tokens,
};
print({
  ...finding,
  ...(holdsBounds ? { lateness } : {}),
  // Histograms must hold every gap between two tokens of every answer.
  summed: summary.report({ tool: { name: "bench", version: "0" }, run }).groups[0]?.chunkGap.count ?? 0,
});
