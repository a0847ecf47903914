import { LensError } from "@lens/core";
import { FAULT_MEANINGS, FAULTS, formatTruth, type Simulator, type SimulatorOptions, startSimulator } from "@lens/sim";
import { aborted } from "../aborted.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { readTextFile } from "../files.ts";
import type { Io } from "../io.ts";
import { openLineFile } from "../line-file.ts";
import type { Flags } from "../option.ts";
import { readScenario, wholeFrom } from "../sim-scenario.ts";

const HIGHEST_PORT = 65_535;

/** Serves the simulator until Ctrl-C, SIGTERM or, where so asked, the end of standard input. */
export async function runSim(flags: Flags, io: Io): Promise<number> {
  if (flags.fault === "list") return listFaults(io);
  const options = { ...(await readServerOptions(flags, io)), scenario: readScenario(flags) };
  const stop = new AbortController();
  const truth =
    flags.truth === undefined ? null : await openLineFile(flags.truth.toString(), { cwd: io.cwd, onFailure: () => stop.abort() });
  const simulator = await start({ ...options, keepEntries: 0, onRequest: (entry) => truth?.append(`${formatTruth(entry)}\n`) });
  const forgetInterrupt = io.onInterrupt(() => stop.abort());
  const forgetStdin = flags["until-stdin-ends"] === true ? io.onStdinEnd(() => stop.abort()) : () => undefined;
  try {
    await io.stdout.write(flags.json === true ? describeAsJson(simulator) : describeForPeople(simulator));
    await aborted(stop.signal);
  } finally {
    forgetInterrupt();
    forgetStdin();
    await simulator.close();
    await truth?.close();
  }
  return EXIT_CODES.ok;
}

async function readServerOptions(flags: Flags, io: Io): Promise<SimulatorOptions> {
  const { host, port, "tls-cert": cert, "tls-key": key } = flags;
  if ((cert === undefined) !== (key === undefined))
    throw new LensError("INVALID_ARGUMENT", "Expected `--tls-cert` and `--tls-key` together, got one of them.");
  const tls =
    cert === undefined || key === undefined
      ? {}
      : { tls: { cert: await readTextFile(cert.toString(), io.cwd), key: await readTextFile(key.toString(), io.cwd) } };
  return {
    ...tls,
    ...(host === undefined ? {} : { host: host.toString() }),
    ...(port === undefined ? {} : { port: readPort(port.toString()) }),
  };
}

function readPort(text: string): number {
  const port = wholeFrom(0)(text, "port");
  if (port > HIGHEST_PORT)
    throw new LensError("INVALID_ARGUMENT", `Expected \`--port\` to be a whole number from 0 to ${HIGHEST_PORT}, got \`${text}\`.`);
  return port;
}

/** A port that cannot be had is for the user to change, not a failed request. */
async function start(options: SimulatorOptions): Promise<Simulator> {
  try {
    return await startSimulator(options);
  } catch (error) {
    throw error instanceof LensError && error.code === "CONNECTION_FAILED"
      ? new LensError("INVALID_ARGUMENT", error.message, { cause: error })
      : error;
  }
}

function describeAsJson({ port, origin, baseUrls }: Simulator): string {
  return `${JSON.stringify({ port, origin, baseUrls })}\n`;
}

function describeForPeople({ baseUrls }: Simulator): string {
  const widest = Math.max(...Object.keys(baseUrls).map((protocol) => protocol.length));
  return Object.entries(baseUrls)
    .map(([protocol, url]) => `${protocol.padEnd(widest)}  ${url}\n`)
    .join("");
}

async function listFaults(io: Io): Promise<number> {
  await io.stdout.write(FAULTS.map((fault) => `${fault.padEnd(12)}  ${FAULT_MEANINGS[fault]}\n`).join(""));
  return EXIT_CODES.ok;
}
