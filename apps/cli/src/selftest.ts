import { join } from "node:path";
import { LensError } from "@lens/core";
import { runLoad, type Ticket } from "@lens/load";
import { shareInterval } from "@lens/metrics";
import { createTransport, type Credentials, type Delta, openaiChat, runRequest, type Transport } from "@lens/providers";
import { parseTruth } from "@lens/sim";
import { readTextFile, withTemporaryFolder } from "./files.ts";
import type { Io } from "./io.ts";

/** Some numbers in ascending order, looked at from three sides, in nanoseconds. */
export interface Spread {
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
}

/** How the instrument did with so many streams at once. Plain JSON. */
export interface SelftestLevel {
  readonly streams: number;
  /** Tokens whose read was stamped. */
  readonly stamps: number;
  /** The truth: the stamp of the read − that of the write, the way through the system included. */
  readonly error: Spread;
  /** What the instrument says that it is at most. */
  readonly bound: Spread;
  /** Share (0 to 1) of the stamps whose error is no more than the bound and what a processor may take to wake up. */
  readonly coveredShare: number;
  /** Whether that may be 99 % in the long run: few stamps, of which one is late, prove nothing. */
  readonly holds: boolean;
}

/** What a self-test found. Plain JSON. */
export interface Selftest {
  /** How long this machine takes to wake up for bytes, which no bound can see: the median error above the bound, at the fewest streams. */
  readonly wakingNs: number;
  readonly levels: readonly SelftestLevel[];
  /** Whether the bound holds at every level. */
  readonly holds: boolean;
}

export interface SelftestOptions {
  readonly io: Io;
  /** Streams at once, one level after the other. */
  readonly streams: readonly number[];
  /** For all levels together. */
  readonly durationNs: number;
}

/** What a processor may take to wake up, and no loop can see. */
export const WAKING_ALLOWANCE_NS = 200_000;
const LEAST_COVERED_SHARE = 0.99;
const GAP_MS = 20;
const TOKENS = 25;
/** An answer of the simulator, from its request to its end. */
const ANSWER_NS = GAP_MS * TOKENS * 1e6;
const LEAST_MEASURED_NS = 50e6;
const MODEL = "selftest";

/** When a token was read, and how late that stamp may be by the instrument's own account. */
interface Stamp {
  readonly readNs: bigint;
  readonly boundNs: number;
}

/** The stamps of one request. */
interface Answer {
  readonly streams: number;
  readonly requestId: string;
  readonly stamps: readonly Stamp[];
}

/** Measures this machine against a simulator that knows when it wrote each token. Both read one clock. Throws where the simulator's truth does not fit. */
export async function runSelftestLevels({ io, streams, durationNs }: SelftestOptions): Promise<Selftest> {
  return withTemporaryFolder(async (folder) => {
    const truthPath = join(folder, "truth.jsonl");
    const pace = ["--ttft", `${GAP_MS}ms`, "--gap", `${GAP_MS}ms`, "--tokens", String(TOKENS)];
    const simulator = await io.startSimulator([...pace, "--truth", truthPath]);
    const answers: Answer[] = [];
    const transport = createTransport();
    try {
      const { openai: baseUrl } = simulator.baseUrls;
      if (baseUrl === undefined) throw new LensError("INTERNAL", "Expected the simulator to speak openai.");
      const credentials = { apiKey: "sim", baseUrl };
      const measuredNs = Math.max(LEAST_MEASURED_NS, durationNs / streams.length - 2 * ANSWER_NS);
      for (const count of streams) answers.push(...(await readLevel({ streams: count, measuredNs, transport, credentials })));
    } finally {
      transport.close();
      await simulator.close();
    }
    return judge(answers, parseTruths(await readTextFile(truthPath, folder)));
  });
}

interface LevelOptions {
  readonly streams: number;
  readonly measuredNs: number;
  readonly transport: Transport;
  readonly credentials: Credentials;
}

/** Reads answers from so many streams at once, the first wave left out. Nothing else is done in this thread meanwhile. */
async function readLevel({ streams, measuredNs, transport, credentials }: LevelOptions): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const stampsById = new Map<string, readonly Stamp[]>();

  async function send({ id, phase, signal }: Ticket) {
    const stamps: Stamp[] = [];
    let boundNs = 0;
    const watched: Transport = {
      ...transport,
      send: (request, observer) =>
        transport.send(request, {
          ...observer,
          bytes(chunk, atNs, latenessNs) {
            boundNs = latenessNs ?? 0;
            observer.bytes(chunk, atNs, latenessNs);
          },
        }),
    };
    const onDelta = (delta: Delta, readNs: bigint): void => void (delta.type === "text" && stamps.push({ readNs, boundNs }));
    stampsById.set(id, stamps);
    const prompt = { model: MODEL, messages: [{ role: "user" as const, content: "Say something." }] };
    return runRequest(openaiChat, prompt, { transport: watched, credentials, id, phase, signal, onDelta });
  }

  await runLoad({
    plan: { load: { mode: "closed", concurrency: streams }, durationNs: Math.round(measuredNs), warmup: { requests: streams } },
    send,
    onRecord({ id, phase, reply }) {
      const stamps = stampsById.get(id) ?? [];
      stampsById.delete(id);
      if (phase === "measured" && reply.requestId !== null) answers.push({ streams, requestId: reply.requestId, stamps });
    },
  });
  return answers;
}

function parseTruths(text: string): ReadonlyMap<string, readonly bigint[]> {
  const entries = text
    .split("\n")
    .filter((line) => line !== "")
    .map(parseTruth);
  return new Map(entries.map(({ id, tokenNs }) => [id, tokenNs]));
}

interface Finding {
  readonly streams: number;
  readonly errorNs: number;
  readonly boundNs: number;
}

function findingsOf({ streams, requestId, stamps }: Answer, truths: ReadonlyMap<string, readonly bigint[]>): readonly Finding[] {
  const written = truths.get(requestId) ?? [];
  if (written.length !== stamps.length)
    throw new LensError("INTERNAL", `Expected ${written.length} tokens, as the simulator wrote them, got ${stamps.length}.`);
  return stamps.map(({ readNs, boundNs }, index) => ({ streams, boundNs, errorNs: Number(readNs - (written[index] ?? readNs)) }));
}

function judge(answers: readonly Answer[], truths: ReadonlyMap<string, readonly bigint[]>): Selftest {
  const findings = answers.flatMap((answer) => findingsOf(answer, truths));
  const counts = [...new Set(findings.map(({ streams }) => streams))].toSorted((one, other) => one - other);
  if (counts.length === 0) throw new LensError("INTERNAL", "Expected the simulator to answer, but no answer came.");
  const levels = counts.map((streams) =>
    judgeLevel(
      streams,
      findings.filter((finding) => finding.streams === streams),
    ),
  );
  const above = findings.filter(({ streams }) => streams === counts[0]).map(({ errorNs, boundNs }) => errorNs - boundNs);
  return {
    wakingNs: Math.max(0, spreadOf(above).p50Ns),
    levels,
    holds: levels.every(({ holds }) => holds),
  };
}

function judgeLevel(streams: number, findings: readonly Finding[]): SelftestLevel {
  const covered = findings.filter(({ errorNs, boundNs }) => errorNs <= boundNs + WAKING_ALLOWANCE_NS);
  return {
    streams,
    stamps: findings.length,
    error: spreadOf(findings.map(({ errorNs }) => errorNs)),
    bound: spreadOf(findings.map(({ boundNs }) => boundNs)),
    coveredShare: covered.length / findings.length,
    holds: (shareInterval(covered.length, findings.length).upper ?? 0) >= LEAST_COVERED_SHARE,
  };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).toSorted();
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50Ns: at(0.5), p99Ns: at(0.99), maxNs: at(1) };
}
