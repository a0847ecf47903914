import { LensError, parseDurationNs } from "@lens/core";
import { renderStatusPage } from "@lens/exporters";
import { aborted } from "../aborted.ts";
import { SIMULATOR_NOTICE } from "../choose-targets.ts";
import { MONITOR_DEFAULTS } from "../defaults.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { assertWritable } from "../files.ts";
import type { Io } from "../io.ts";
import { isLoopback, readAddress, urlOfAddress } from "../monitor/address.ts";
import { createLog, type Log } from "../monitor/log.ts";
import { createMonitor, type Monitor } from "../monitor/monitor.ts";
import { type MonitorPlan, readPlan } from "../monitor/plan.ts";
import { openPushes, watchPush } from "../monitor/push.ts";
import { createReloader } from "../monitor/reload.ts";
import { createRoutes, type Pages } from "../monitor/routes.ts";
import { type HttpServer, serve } from "../monitor/server.ts";
import { createSharedText } from "../monitor/shared-text.ts";
import { readState, type SavedState, writeState } from "../monitor/state-file.ts";
import { repeat } from "../monitor/waiting.ts";
import type { Flags } from "../option.ts";

const SAVE_PERIOD_NS = parseDurationNs("60s");
/** How long what was made for one reader is good enough for the next. */
const FRESH_NS = parseDurationNs("1s");
const REPORT_FRESH_NS = parseDurationNs("10s");

/** Probes targets on a schedule and serves what came of it, until SIGTERM or Ctrl-C. SIGHUP reads the configuration anew. */
export async function runMonitor(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const read = (): Promise<MonitorPlan> => readPlan(flags, positionals, io);
  const plan = await read();
  const { quiet, verbose, state } = plan.settings;
  const log = createLog({
    clock: io.clock,
    write: (line) => void io.stderr.write(line),
    least: verbose ? "debug" : quiet ? "warn" : "info",
  });
  const stopping = new AbortController();
  const forgetInterrupt = io.onInterrupt(() => (stopping.signal.aborted ? io.exitNow(EXIT_CODES.interrupted) : stopping.abort()));
  let monitor: Monitor | null = null;
  let server: HttpServer | null = null;
  try {
    monitor = createMonitor({ clock: io.clock, log, plan, before: state === undefined ? null : await openState(state, log, io) });
    server = await open(monitor, log, io);
    await probe(monitor, { read, log, io, signal: stopping.signal });
    return EXIT_CODES.ok;
  } finally {
    await server?.close();
    await (monitor?.plan() ?? plan).session.close();
    forgetInterrupt();
  }
}

/** Takes up what a state file holds. */
async function openState(path: string, log: Log, io: Io): Promise<SavedState | null> {
  await assertWritable(path, { cwd: io.cwd, force: true });
  const { state, aside } = await readState(path, io.cwd);
  if (aside !== null) log.warn("the state could not be read and was put aside", aside);
  if (state !== null) log.info("state read", { path, targets: state.targets.size });
  return state;
}

/** Serves what is known of the targets. */
async function open(monitor: Monitor, log: Log, io: Io): Promise<HttpServer> {
  const { settings, token, byDefault, monitored } = monitor.plan();
  const address = readAddress(settings.listen ?? MONITOR_DEFAULTS.listen);
  const onError = (error: unknown): void => log.error("an answer failed", { reason: String(error) });
  const server = await serve({ address, clock: io.clock, answer: createRoutes(pagesOf(monitor, io)), onError });
  log.info("listening", { url: urlOfAddress(server.address), targets: monitored.length });
  if (byDefault) log.info(SIMULATOR_NOTICE);
  if (!isLoopback(address) && token === null)
    log.warn("whoever reaches this address can read all but keys; --token-file asks for a token", { host: address.host });
  return server;
}

function pagesOf(monitor: Monitor, { clock }: Io): Pages {
  return {
    metrics: createSharedText(monitor.metrics, { clock, freshNs: FRESH_NS }),
    report: createSharedText(async () => `${JSON.stringify(await monitor.report())}\n`, { clock, freshNs: REPORT_FRESH_NS }),
    status: createSharedText(async () => renderStatusPage(monitor.status()), { clock, freshNs: FRESH_NS }),
    unready: monitor.unready,
    token: () => monitor.plan().token,
  };
}

interface Running {
  readonly read: () => Promise<MonitorPlan>;
  readonly log: Log;
  readonly io: Io;
  readonly signal: AbortSignal;
}

/** Probes until the signal, sending and saving what there is meanwhile and at the end. */
async function probe(monitor: Monitor, { read, log, io, signal }: Running): Promise<void> {
  const { settings } = monitor.plan();
  const pushes = await openPushes(settings, monitor, io);
  const services = [
    ...pushes.map((push) => ({ run: watchPush(push, log), periodNs: push.periodNs })),
    ...(settings.state === undefined ? [] : [{ run: saving(settings.state, monitor, log, io), periodNs: SAVE_PERIOD_NS }]),
  ];
  const forgetHangUp = io.onHangUp(createReloader({ monitor, log, read }));
  try {
    const repeated = services.map(({ run, periodNs }) => repeat(run, periodNs, { clock: io.clock, signal }));
    await Promise.race([monitor.start(), Promise.all([aborted(signal), ...repeated])]);
  } finally {
    forgetHangUp();
  }
  const { graceNs } = monitor.plan();
  log.info("ending", { graceMs: graceNs / 1e6 });
  await monitor.end(graceNs);
  for (const { run } of services) await run();
}

/** Saves the state, and says when that fails. */
function saving(path: string, monitor: Monitor, log: Log, io: Io): () => Promise<void> {
  return async () => {
    try {
      await writeState(path, await monitor.save(), io.cwd);
    } catch (error) {
      if (!(error instanceof LensError)) throw error;
      log.error("the state could not be saved", { reason: error.message });
    }
  };
}
