import { formatDuration, LensError, nearest, toErrorInfo } from "@lens/core";
import { isAnswered, ttftNs } from "@lens/metrics";
import { errorFromResponse, readModelIds, requestText, runRequest, secretsIn, type TextResponse, withoutSecrets } from "@lens/providers";
import { chooseTargets } from "../choose-targets.ts";
import { type ResolvedSettings, resolveScenarios } from "../config.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { watchInterrupts } from "../interrupts.ts";
import type { Io } from "../io.ts";
import type { Flags } from "../option.ts";
import { oneLine } from "../printable.ts";
import { openSession, type Session } from "../session.ts";
import type { ResolvedTarget, TargetRequest } from "../targets.ts";
import { describeFailure } from "../verdict.ts";

/** `unknown` is what could not be checked; it is never taken for `ok`. */
type State = "ok" | "failed" | "unknown";

interface Check {
  readonly target: string;
  readonly check: "key" | "endpoint" | "model" | "request";
  readonly state: State;
  readonly detail: string;
}

interface Checking {
  readonly settings: ResolvedSettings;
  readonly sendsRequest: boolean;
  readonly signal: AbortSignal;
  readonly io: Io;
}

/** Checks key, endpoint and model of each target, and sends one tiny request where asked. A line a check; failure is an exit code. */
export async function runValidate(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const { whole, scenarios } = await resolveScenarios(flags, positionals, io);
  const { settings } = whole;
  const named = scenarios.map(({ configuration }) => configuration.settings);
  const asked = distinct(
    (named.length === 0 || settings.targets !== undefined ? [settings, ...named] : named).flatMap((own) => targetsOf(own, io)),
  );
  const interrupts = watchInterrupts(io);
  const sendsRequest = flags["test-request"] === true;
  const checks: Check[] = [];
  try {
    for (const { request, settings: own } of asked) {
      for await (const check of checkTarget(request, { settings: own, sendsRequest, signal: interrupts.signal, io })) {
        checks.push(check);
        if (!settings.json) await io.stdout.write(renderCheck(check));
      }
      if (interrupts.signal.aborted) return EXIT_CODES.interrupted;
    }
  } finally {
    interrupts.stop();
  }
  const failed = checks.filter((check) => check.state === "failed");
  if (settings.json) await io.stdout.write(`${JSON.stringify({ schema: 1, ok: failed.length === 0, checks }, null, 2)}\n`);
  if (failed.some((check) => check.check === "key")) return EXIT_CODES.usage;
  return failed.length > 0 ? EXIT_CODES.requestsFailed : EXIT_CODES.ok;
}

/** A target, and the settings that it is asked with. */
interface AskedTarget {
  readonly request: TargetRequest;
  readonly settings: ResolvedSettings;
}

function targetsOf(settings: ResolvedSettings, io: Io): readonly AskedTarget[] {
  return chooseTargets(settings, "validate", io).requests.map((request) => ({ request, settings }));
}

/** Scenarios often ask the same targets, and once is enough. */
function distinct(asked: readonly AskedTarget[]): readonly AskedTarget[] {
  const identity = ({ request: { thresholds: _judged, ...request } }: AskedTarget): string => JSON.stringify(request);
  return [...new Map(asked.toReversed().map((one) => [identity(one), one])).values()].toReversed();
}

function renderCheck({ target, check, state, detail }: Check): string {
  return `${state.padEnd(7)}  ${check.padEnd(8)}  ${target}  ${oneLine(detail)}\n`;
}

async function* checkTarget(request: TargetRequest, checking: Checking): AsyncGenerator<Check> {
  const say = (check: Check["check"], state: State, detail: string): Check => ({ target: request.label, check, state, detail });
  let session: Session;
  try {
    session = await openSession([request], checking.settings, checking.io);
  } catch (error) {
    if (!(error instanceof LensError) || error.code !== "MISSING_KEY") throw error;
    yield say("key", "failed", error.message);
    return;
  }
  try {
    const [target] = session.targets;
    if (target === undefined) return;
    const secrets = secretsIn(target.credentials);
    // A server may repeat the key that it was given.
    const sayClean: Say = (check, state, detail) => say(check, state, withoutSecrets(detail, secrets));
    yield say("key", ...describeKey(target));
    yield* checkModels(target, session, checking, sayClean);
    if (checking.sendsRequest) yield await sendTiny(target, session, checking, sayClean);
  } finally {
    await session.close();
  }
}

function describeKey({ keyVariable, adapter, credentials }: ResolvedTarget): readonly [State, string] {
  if (keyVariable !== null) return ["ok", `${keyVariable} is set`];
  if (credentials.apiKey !== null || adapter.keyOptional) return ["ok", "none is needed"];
  return ["unknown", `none is set (${adapter.apiKeyEnv.join(" or ")}); this server may want none`];
}

type Say = (check: Check["check"], state: State, detail: string) => Check;

async function* checkModels(target: ResolvedTarget, { transport }: Session, { io, signal }: Checking, say: Say): AsyncGenerator<Check> {
  const request = target.adapter.buildModelsRequest(target.credentials);
  if (request === null) {
    yield say("endpoint", "unknown", "this provider has no list of models to ask for; --test-request tells");
    return;
  }
  const startNs = io.clock.nowNs();
  let response: TextResponse;
  try {
    response = await requestText(transport, request, { clock: io.clock, signal });
  } catch (error) {
    yield say("endpoint", "failed", describeFailure("error", toErrorInfo(error)));
    return;
  }
  const error =
    response.status >= 200 && response.status < 300
      ? null
      : errorFromResponse(response.status, response.headers, response.body, io.clock.epochMs());
  if (error !== null && (error.code === "AUTHENTICATION" || error.code === "PERMISSION" || error.code === "BILLING")) {
    yield say("endpoint", "failed", describeFailure("error", toErrorInfo(error)));
    return;
  }
  const took = formatDuration(Number(io.clock.nowNs() - startNs));
  const ids = error === null ? readIds(response.body) : null;
  if (ids === null) {
    yield say(
      "endpoint",
      "unknown",
      `${new URL(request.url).origin} answered ${response.status} in ${took}, but with no list of models; --test-request tells more`,
    );
    yield say("model", "unknown", "there is no list of models to look in");
    return;
  }
  yield say("endpoint", "ok", `${new URL(request.url).origin} answered in ${took}`);
  yield say("model", ...describeModel(target.model, ids, response.body));
}

/** The ids of a list of models; null for a body that is none. */
function readIds(body: string): readonly string[] | null {
  try {
    const ids = readModelIds(JSON.parse(body));
    return ids.length === 0 ? null : ids;
  } catch {
    return null;
  }
}

function describeModel(model: string, ids: readonly string[], body: string): readonly [State, string] {
  const known = ids.some((id) => id === model || id === `${model}:latest`);
  if (known) return ["ok", `${model} is among ${ids.length} models`];
  if (/"(has_more"\s*:\s*true|nextPageToken"\s*:\s*")/.test(body))
    return ["unknown", `${model} is not among the first ${ids.length} models`];
  const near = nearest(model, ids);
  return [
    "failed",
    `${model.slice(0, 80)} is not among the ${ids.length} models of this server.${near === null ? "" : ` Did you mean ${near}?`}`,
  ];
}

const TINY_MAX_TOKENS = 16;

async function sendTiny(target: ResolvedTarget, { transport, timeouts }: Session, { io, signal }: Checking, say: Say): Promise<Check> {
  const { adapter, model, credentials, label } = target;
  const prompt = { model, messages: [{ role: "user" as const, content: "Say yes." }], maxTokens: TINY_MAX_TOKENS };
  const record = await runRequest(adapter, prompt, { transport, credentials, clock: io.clock, label, signal, timeouts });
  const { kind, error } = record.outcome;
  const firstNs = ttftNs(record);
  if (!isAnswered(record)) return say("request", "failed", describeFailure(kind, error));
  return say("request", "ok", `${kind}, ${firstNs === null ? "no content came" : `first token after ${formatDuration(firstNs)}`}`);
}
