import { LensError, parseDurationNs } from "@lens/core";
import { createTransport, DEFAULT_RETRY_POLICY, type RetryPolicy, type Timeouts, type Transport } from "@lens/providers";
import type { ResolvedSettings } from "./config.ts";
import { assertWritable } from "./files.ts";
import type { Io, SimulatorProcess } from "./io.ts";
import { type ResolvedTarget, resolveTarget, SIMULATOR, type TargetRequest } from "./targets.ts";

/** All that requests are sent with. */
export interface Session {
  readonly targets: readonly ResolvedTarget[];
  readonly transport: Transport;
  readonly timeouts: Partial<Timeouts>;
  readonly retry: RetryPolicy | null;
  /** The proxy for a target; null goes straight. */
  proxyFor(target: ResolvedTarget): string | null;
  /** Closes connections, and the simulator where there is one. */
  close(): Promise<void>;
}

/** Makes the targets reachable, starting the simulator where one of them is it. Throws `MISSING_KEY` before anything is started or sent. */
export async function openSession(requests: readonly TargetRequest[], settings: ResolvedSettings, io: Io): Promise<Session> {
  checkTargets(requests, io);
  const others = requests.filter((request) => !isBuiltIn(request));
  if (settings.simTruth !== undefined && others.length === requests.length) {
    throw new LensError("INVALID_ARGUMENT", "Expected the target sim: with `--sim-truth`, got others only.");
  }
  const simulator = others.length < requests.length ? await startSimulator(settings, io) : null;
  const transport = createTransport({ clock: io.clock, proxyFor: io.proxyFor });
  return {
    targets: requests.map((request) => resolveTarget(request, io.env, simulator?.baseUrls ?? {})),
    transport,
    timeouts: readTimeouts(settings),
    retry: settings.retries === 0 ? null : { ...DEFAULT_RETRY_POLICY, maxRetries: settings.retries },
    proxyFor: ({ credentials: { baseUrl } }) => (baseUrl !== undefined && URL.canParse(baseUrl) ? io.proxyFor(new URL(baseUrl)) : null),
    async close() {
      transport.close();
      await simulator?.close();
    },
  };
}

/** Throws `MISSING_KEY` for a target that has none and needs one, and what else is wrong with any before it is asked. */
export function checkTargets(requests: readonly TargetRequest[], io: Io): void {
  for (const request of requests) if (!isBuiltIn(request)) resolveTarget(request, io.env, {});
}

/** Whether the target is the simulator that this program itself starts. */
export function isBuiltIn(request: TargetRequest): boolean {
  return request.provider === SIMULATOR && request.baseUrl === null;
}

/** Short answers, so that a first run is over in two seconds. */
const SIMULATOR_ARGUMENTS = ["--tokens", "16"];

async function startSimulator({ simTruth, force }: ResolvedSettings, io: Io): Promise<SimulatorProcess> {
  if (simTruth === undefined) return io.startSimulator(SIMULATOR_ARGUMENTS);
  await assertWritable(simTruth, { cwd: io.cwd, force });
  return io.startSimulator([...SIMULATOR_ARGUMENTS, "--truth", simTruth]);
}

function readTimeouts({ timeout, connectTimeout, firstByteTimeout, idleTimeout }: ResolvedSettings): Partial<Timeouts> {
  return {
    ...(timeout === undefined ? {} : { totalNs: parseDurationNs(timeout) }),
    ...(connectTimeout === undefined ? {} : { connectNs: parseDurationNs(connectTimeout) }),
    ...(firstByteTimeout === undefined ? {} : { firstByteNs: parseDurationNs(firstByteTimeout) }),
    ...(idleTimeout === undefined ? {} : { idleNs: parseDurationNs(idleTimeout) }),
  };
}
