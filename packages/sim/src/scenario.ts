import { LensError } from "@lens/core";
import type { Draw } from "./draw.ts";
import type { Drift } from "./drift.ts";
import { FAULTS, type FaultRule } from "./faults.ts";

/** How the simulated provider behaves. Plain JSON; `DEFAULT_SCENARIO` holds every default. */
export interface Scenario {
  /** Two simulators of one seed that get the same requests in the same order answer alike. */
  readonly seed: number;
  /** From the moment a request is served (a slot is got) to its first token. A list goes from request to request. */
  readonly ttftMs: Draw;
  /** How it rises from the start of the simulator on, as under a load that others make. Null: it does not. */
  readonly drift: Drift | null;
  /** Between neighbouring chunks. A list starts anew with each request. */
  readonly gapMs: Draw;
  /** Tokens of the answer; reasoning comes on top. The request's own limit caps both together, and then the finish is `length`. */
  readonly outputTokens: Draw;
  /** How many tokens a chunk carries. */
  readonly tokensPerChunk: Draw;
  /** Tokens of reasoning before the answer, produced at the same pace and billed as output. */
  readonly reasoningTokens: Draw;
  /** Whether reasoning can be seen in the stream, or is silence. */
  readonly reasoning: "streamed" | "hidden";
  /** The answer consists of this many tool calls; 0 answers in text. */
  readonly toolCalls: number;
  /** How many requests are served at once; the others wait in line, which is part of their time to first token. Null: no limit. */
  readonly slots: number | null;
  /** Input tokens in the reported usage. Null: about one for every four characters of the prompt. */
  readonly inputTokens: number | null;
  /** Usage tells how much of a prompt an earlier one began with, too, in whole blocks of so many tokens. Null: nothing is remembered. */
  readonly cacheBlockTokens: number | null;
  /** The models that exist. Null: whatever is asked for. */
  readonly models: readonly string[] | null;
  /** Whether a request without a key is answered by 401. Any key will do. */
  readonly requireKey: boolean;
  /** Which requests go wrong, and how; the first rule that fits counts. A model named `sim-fault-NAME` asks for a fault by itself. */
  readonly faults: readonly FaultRule[];
  /** What fault `429` asks the client to wait. */
  readonly retryAfterMs: number;
  /** How late the headers of fault `slow-headers` are. */
  readonly slowHeadersMs: number;
  /** Size of the event of fault `huge-event`. */
  readonly hugeEventBytes: number;
  /** Size of the headers of fault `huge-headers`. */
  readonly hugeHeadersBytes: number;
}

/** A quick, lifelike answer: 24 tokens in about 180 ms. */
export const DEFAULT_SCENARIO: Scenario = {
  seed: 1,
  ttftMs: { median: 60, sigma: 0.25 },
  drift: null,
  gapMs: 5,
  outputTokens: 24,
  tokensPerChunk: 1,
  reasoningTokens: 0,
  reasoning: "streamed",
  toolCalls: 0,
  slots: null,
  inputTokens: null,
  cacheBlockTokens: null,
  models: null,
  requireKey: false,
  faults: [],
  retryAfterMs: 1_000,
  slowHeadersMs: 2_000,
  hugeEventBytes: 32 * 1024 * 1024,
  hugeHeadersBytes: 1024 * 1024,
};

function refuse(name: string, expected: string, value: unknown): never {
  throw new LensError(
    "INVALID_ARGUMENT",
    `Expected \`${name}\` of the scenario to be ${expected}, got \`${(typeof value === "number" ? String(value) : JSON.stringify(value)).slice(0, 60)}\`.`,
  );
}

const isFrom = (value: unknown, least: number): boolean => typeof value === "number" && Number.isFinite(value) && value >= least;

function isDraw(value: unknown, least: number): boolean {
  if (typeof value !== "object" || value === null) return isFrom(value, least);
  if (Array.isArray(value)) return value.length > 0 && value.every((entry) => isFrom(entry, least));
  return "median" in value && "sigma" in value && isFrom(value.median, least) && isFrom(value.sigma, 0);
}

function isDrift(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("share" in value) || !("overMs" in value)) return value === null;
  return isFrom(value.share, 0) && isFrom(value.overMs, 1);
}

function isFaultRule(rule: unknown): boolean {
  if (typeof rule !== "object" || rule === null || !("fault" in rule) || !FAULTS.some((fault) => fault === rule.fault)) return false;
  if ("every" in rule) return isFrom(rule.every, 1) && Number.isInteger(rule.every);
  return "share" in rule && isFrom(rule.share, 0) && Number(rule.share) <= 1;
}

/** The scenario with its gaps filled from the defaults. Throws `INVALID_ARGUMENT` for an unknown name or an impossible value. */
export function resolveScenario(given: Partial<Scenario> = {}): Scenario {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(DEFAULT_SCENARIO, name))
      refuse(name, `absent: known are ${Object.keys(DEFAULT_SCENARIO).join(", ")}`, given[name as keyof Scenario]);
  }
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  const scenario: Scenario = { ...DEFAULT_SCENARIO, ...(Object.fromEntries(known) as Partial<Scenario>) };
  const must = (name: keyof Scenario, holds: boolean, expected: string): void => {
    if (!holds) refuse(name, expected, scenario[name]);
  };
  const drawn = "a number, { median, sigma } or a list of numbers";
  must("seed", Number.isSafeInteger(scenario.seed) && scenario.seed >= 0, "a whole number, 0 or more");
  for (const name of ["ttftMs", "gapMs", "outputTokens", "reasoningTokens"] as const)
    must(name, isDraw(scenario[name], 0), `${drawn}, 0 or more`);
  must("drift", isDrift(scenario.drift), "null or { share, overMs }, share 0 or more and overMs 1 or more");
  must("tokensPerChunk", isDraw(scenario.tokensPerChunk, 1), `${drawn}, 1 or more`);
  must("reasoning", scenario.reasoning === "streamed" || scenario.reasoning === "hidden", "`streamed` or `hidden`");
  must("toolCalls", isFrom(scenario.toolCalls, 0) && Number.isInteger(scenario.toolCalls), "a whole number, 0 or more");
  must(
    "slots",
    scenario.slots === null || (isFrom(scenario.slots, 1) && Number.isInteger(scenario.slots)),
    "null or a whole number, 1 or more",
  );
  must(
    "inputTokens",
    scenario.inputTokens === null || (isFrom(scenario.inputTokens, 0) && Number.isInteger(scenario.inputTokens)),
    "null or a whole number, 0 or more",
  );
  must(
    "cacheBlockTokens",
    scenario.cacheBlockTokens === null || (isFrom(scenario.cacheBlockTokens, 1) && Number.isInteger(scenario.cacheBlockTokens)),
    "null or a whole number, 1 or more",
  );
  must(
    "models",
    scenario.models === null || (Array.isArray(scenario.models) && scenario.models.every((model) => typeof model === "string")),
    "null or a list of names",
  );
  must("requireKey", typeof scenario.requireKey === "boolean", "true or false");
  must(
    "faults",
    Array.isArray(scenario.faults) && scenario.faults.every(isFaultRule),
    `a list of { fault, share } or { fault, every }, fault being one of ${FAULTS.join(", ")}`,
  );
  for (const name of ["retryAfterMs", "slowHeadersMs", "hugeEventBytes", "hugeHeadersBytes"] as const)
    must(name, isFrom(scenario[name], 0), "a number, 0 or more");
  return scenario;
}
