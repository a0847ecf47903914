import { LensError } from "@lens/core";
import type { Configuration, ResolvedSettings } from "./config.ts";
import { flagName, type OptionName } from "./options.ts";
import { isTraced } from "./trace-plan.ts";

/** Whether requests become due at a pace of their own, whatever becomes of those before. */
export function isOpenLoop(settings: ResolvedSettings): boolean {
  const { rate, timestamps, arrivals } = settings;
  return rate !== undefined || timestamps !== undefined || arrivals !== undefined || isTraced(settings);
}

interface Rule {
  readonly option: OptionName;
  /** What the option does not go with, in this load. */
  readonly broken: boolean;
  readonly expected: string;
}

const flag = (name: OptionName): string => `\`--${flagName(name)}\``;

/** Throws `INVALID_ARGUMENT` for options that make no sense together, saying what was expected. */
export function checkCombinations({ settings, sources }: Configuration): void {
  const given = (name: OptionName): boolean => settings[name] !== undefined && sources[name] !== "default";
  const open = isOpenLoop(settings);
  const swept = [settings.concurrency, settings.rate].some((level) => typeof level === "string");
  const paced = given("rate") || (given("stages") && given("arrivals"));
  const talks = settings.turns !== undefined || settings.conversations === true;
  const traced = isTraced(settings);
  const rivals = (["rate", "concurrency", "timestamps", "arrivals", "stages", "search", "inputTokens", "outputTokens"] as const).filter(
    given,
  );
  const rules: readonly Rule[] = [
    { option: "arrivals", broken: !paced, expected: "`--rate`, or `--stages` of rates," },
    { option: "burstiness", broken: !paced, expected: "`--rate`" },
    { option: "burstiness", broken: given("arrivals") && settings.arrivals !== "gamma", expected: "`--arrivals gamma`" },
    { option: "maxInFlight", broken: !open, expected: "`--rate`, `--timestamps` or `--trace`" },
    { option: "thinkTime", broken: open && !talks, expected: "a closed loop, which `--concurrency` makes, or conversations" },
    { option: "trace", broken: rivals.length > 0, expected: `no ${rivals.map(flag).join(", ")}, of which the trace has its own,` },
    { option: "trace", broken: given("replay"), expected: "no `--replay`" },
    { option: "replay", broken: rivals.length > 0, expected: `no ${rivals.map(flag).join(", ")}, of which the records have their own,` },
    { option: "traceFormat", broken: !given("trace"), expected: "`--trace`" },
    { option: "speed", broken: !traced, expected: "`--trace` or `--replay`" },
    { option: "turns", broken: !given("inputTokens"), expected: "`--input-tokens`, of what is said in a turn," },
    { option: "conversations", broken: talks && !given("promptFile"), expected: "`--prompt-file`" },
    { option: "turns", broken: traced, expected: "no `--trace` and no `--replay`, which know of no conversations," },
    { option: "conversations", broken: talks && traced, expected: "no `--trace` and no `--replay`, which know of no conversations," },
    { option: "stages", broken: swept, expected: "one level" },
    { option: "stages", broken: given("timestamps"), expected: "no `--timestamps`" },
    { option: "search", broken: given("stages"), expected: "no `--stages`" },
    { option: "search", broken: given("timestamps"), expected: "no `--timestamps`" },
    { option: "search", broken: given("warmup") || given("drain"), expected: "neither `--warmup` nor `--drain`, which it sees to itself," },
    { option: "shard", broken: settings.search !== undefined, expected: "no `--search`, which decides by its own figures alone," },
    { option: "tpm", broken: !given("maxTokens"), expected: "`--max-tokens`, to know what a request may use," },
    { option: "maxCost", broken: traced || talks, expected: "prompts whose lengths are known, and so neither a trace nor conversations," },
    { option: "maxCost", broken: !given("maxTokens"), expected: "`--max-tokens`, to know what a request may cost," },
  ];
  for (const { option, broken, expected } of rules) {
    if (given(option) && broken) throw new LensError("INVALID_ARGUMENT", `Expected ${expected} with ${flag(option)}.`);
  }
  if (settings.arrivals === "gamma" && settings.burstiness === undefined)
    throw new LensError(
      "INVALID_ARGUMENT",
      "Expected `--burstiness` with `--arrivals gamma`, got none. 1 is poisson, 0.25 comes in bursts.",
    );
}
