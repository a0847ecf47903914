import { LensError, parseDurationNs } from "@lens/core";
import { FAULTS, type Scenario } from "@lens/sim";
import { suggestion } from "./nearest.ts";
import type { Flags } from "./option.ts";
import type { SimFlag } from "./sim-options.ts";

type Draw = Scenario["ttftMs"];
type FaultRule = Scenario["faults"][number];

const NS_PER_MS = 1e6;

/** The scenario that the flags of `lens sim` describe; what they leave out is the simulator's default. Throws `INVALID_ARGUMENT`. */
export function readScenario(flags: Flags): Partial<Scenario> {
  const text = (flag: SimFlag): string | null => flags[flag]?.toString() ?? null;
  const given = <Key extends keyof Scenario>(
    key: Key,
    flag: SimFlag,
    read: (text: string, flag: SimFlag) => Scenario[Key],
  ): Partial<Scenario> => {
    const value = text(flag);
    return value === null ? {} : { [key]: read(value, flag) };
  };
  return {
    ...given("seed", "seed", wholeFrom(0)),
    ...given("ttftMs", "ttft", drawOf(milliseconds)),
    ...given("drift", "drift", readDrift),
    ...given("gapMs", "gap", drawOf(milliseconds)),
    ...given("outputTokens", "tokens", drawOf(wholeFrom(0))),
    ...given("tokensPerChunk", "tokens-per-chunk", drawOf(wholeFrom(1))),
    ...given("reasoningTokens", "reasoning-tokens", drawOf(wholeFrom(0))),
    ...given("toolCalls", "tool-calls", wholeFrom(0)),
    ...given("inputTokens", "input-tokens", wholeFrom(0)),
    ...given("slots", "slots", wholeFrom(1)),
    ...given("models", "models", (value) => value.split(",").map((name) => name.trim())),
    ...given("retryAfterMs", "retry-after", milliseconds),
    ...given("faults", "fault", (value) => readFaults(value, text("fault-share"))),
    ...(flags["require-key"] === true ? { requireKey: true } : {}),
    ...(flags["hide-reasoning"] === true ? { reasoning: "hidden" } : {}),
  };
}

/** Reads a whole number from `least` up. */
export function wholeFrom(least: number): (text: string, flag: SimFlag) => number {
  return (text, flag) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && Number.isSafeInteger(value)) return value;
    throw new LensError("INVALID_ARGUMENT", `Expected \`--${flag}\` to be a whole number from ${least} up, got \`${text.slice(0, 60)}\`.`);
  };
}

function milliseconds(text: string, flag: SimFlag): number {
  return parseDurationNs(text, `\`--${flag}\``) / NS_PER_MS;
}

/** A value, `lognormal:MEDIAN,SIGMA`, or a list that goes round. */
function drawOf(read: (text: string, flag: SimFlag) => number): (text: string, flag: SimFlag) => Draw {
  return (text, flag) => {
    const lognormal = /^lognormal:([^,]+),(\d+(?:\.\d+)?)$/.exec(text);
    if (lognormal !== null) return { median: read(lognormal[1] ?? "", flag), sigma: Number(lognormal[2]) };
    if (text.includes(":"))
      throw new LensError(
        "INVALID_ARGUMENT",
        `Expected \`--${flag}\` to be a value, a list by comma or lognormal:MEDIAN,SIGMA, got \`${text.slice(0, 60)}\`.`,
      );
    const values = text.split(",").map((part) => read(part.trim(), flag));
    const [only] = values;
    return values.length === 1 && only !== undefined ? only : values;
  };
}

function readDrift(text: string, flag: SimFlag): Scenario["drift"] {
  const [share = "", over = ""] = text.split("/");
  return { share: readShare(share, `--${flag}`, Number.POSITIVE_INFINITY), overMs: milliseconds(over, flag) };
}

function readFaults(text: string, shareText: string | null): readonly FaultRule[] {
  const share = shareText === null ? 1 : readShare(shareText, "--fault-share");
  return text.split(",").map((part) => {
    const [name = "", own] = part.trim().split("=");
    const fault = FAULTS.find((known) => known === name);
    if (fault === undefined)
      throw new LensError(
        "INVALID_ARGUMENT",
        `Expected \`--fault\` to be one of ${FAULTS.join(", ")}, got \`${name.slice(0, 60)}\`.${suggestion(name, FAULTS)}`,
      );
    return { fault, share: own === undefined ? share : readShare(own, "--fault") };
  });
}

function readShare(text: string, flag: string, most = 1): number {
  const value = /^\d+(\.\d+)?%$/.test(text) ? Number.parseFloat(text) / 100 : /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= most) return value;
  throw new LensError("INVALID_ARGUMENT", `Expected a share such as 0.1 or 10% in \`${flag}\`, got \`${text.slice(0, 60)}\`.`);
}
