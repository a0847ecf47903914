import { LensError } from "@lens/core";
import { type Choice, chooseTargets } from "../choose-targets.ts";
import { type Configuration, resolveScenarios } from "../config.ts";
import type { Io } from "../io.ts";
import { suggestion } from "../nearest.ts";
import type { Flags } from "../option.ts";
import { flagName, OPTION_NAMES } from "../options.ts";
import { expandName } from "../output-names.ts";
import { saysWhatIsSent } from "../scenario-settings.ts";
import { checkResumable, filesIn } from "./directory.ts";
import { readManifest, restoreScenario, type SavedScenario, type Scenario } from "./manifest-file.ts";

/** A run as it was asked for. */
export interface AskedRun {
  /** What holds for it as a whole. */
  readonly whole: Configuration;
  readonly scenarios: readonly ChosenScenario[];
  readonly directory: string;
  /** Whether the directory is there, and the run in it goes on. */
  readonly resumes: boolean;
  readonly savesPrompts: boolean;
}

/** A scenario, and whom it asks. */
export interface ChosenScenario extends Scenario {
  readonly choice: Choice;
  /** Null where no manifest says what was sent before. */
  readonly saved: SavedScenario | null;
}

const DEFAULT_DIRECTORY = "results/{run}";

/** Throws `INVALID_ARGUMENT` for flags that say what a manifest says. */
function checkFlags(flags: Flags, withheld: readonly string[], mode: string): void {
  const wrong = OPTION_NAMES.find((name) => flags[flagName(name)] !== undefined && saysWhatIsSent(name) && !withheld.includes(name));
  if (wrong !== undefined)
    throw new LensError("INVALID_ARGUMENT", `Expected no \`--${flagName(wrong)}\` with \`--${mode}\`, whose manifest says what is sent.`);
}

function oneOf(flags: Flags, names: readonly string[]): void {
  const given = names.filter((name) => flags[name] !== undefined);
  if (given.length > 1) throw new LensError("INVALID_ARGUMENT", `Expected either \`--${given[0]}\` or \`--${given[1]}\`, got both.`);
}

const textOf = (flags: Flags, name: string): string | null => flags[name]?.toString() ?? null;

/** Reads what is to be run: the scenarios of the configuration, or those of a manifest. Throws what is wrong with either. */
export async function planScenarios(targets: readonly string[], flags: Flags, io: Io): Promise<AskedRun> {
  const resume = textOf(flags, "resume");
  oneOf(flags, ["resume", "manifest"]);
  oneOf(flags, ["resume", "directory"]);
  oneOf(flags, ["resume", "only"]);
  const { whole, scenarios } = await resolveScenarios(flags, targets, io);
  const present: readonly Scenario[] = scenarios.length === 0 ? [{ name: null, configuration: whole }] : scenarios;
  if (resume !== null) await checkResumable(resume, io.cwd);
  const path = resume === null ? textOf(flags, "manifest") : filesIn(resume).manifest;
  const saved = path === null ? null : (await readManifest(path, io.cwd)).scenarios;
  if (saved !== null) {
    checkFlags(
      flags,
      saved.flatMap(({ withheld }) => withheld),
      resume === null ? "manifest" : "resume",
    );
    if (targets.length > 0) throw new LensError("INVALID_ARGUMENT", "Expected no target besides a manifest, which says what is asked.");
  }
  const known = saved?.map((one) => shownAs(restoreScenario(one, present), whole)) ?? present;
  const only = pick(known, textOf(flags, "only"));
  const chosen = only.map((scenario): ChosenScenario => {
    const choice = chooseTargets(scenario.configuration.settings, "run", io);
    return { ...scenario, choice: labelled(choice, scenario.name), saved: saved?.find(({ name }) => name === scenario.name) ?? null };
  });
  const names = { startedAtMs: io.clock.epochMs(), targets: [] };
  const directory = resume ?? expandName(textOf(flags, "directory") ?? DEFAULT_DIRECTORY, names);
  return { whole, scenarios: chosen, directory, resumes: resume !== null, savesPrompts: flags["save-prompts"] === true };
}

function pick(scenarios: readonly Scenario[], written: string | null): readonly Scenario[] {
  if (written === null) return scenarios;
  const names = scenarios.flatMap(({ name }) => name ?? []);
  const asked = written.split(",").map((name) => name.trim());
  const unknown = asked.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected \`--only\` to name ${names.length === 0 ? "a scenario, but there are none" : names.join(", ")}, got \`${unknown.slice(0, 60)}\`.${suggestion(unknown, names)}`,
    );
  return scenarios.filter(({ name }) => name !== null && asked.includes(name));
}

/** A restored scenario is shown as the user wants it now. */
function shownAs({ name, configuration }: Scenario, { settings }: Configuration): Scenario {
  const now = Object.entries(settings).filter(([setting]) => !saysWhatIsSent(setting));
  return { name, configuration: { ...configuration, settings: { ...configuration.settings, ...Object.fromEntries(now) } } };
}

/** Groups are named by their scenario. */
function labelled({ requests, byDefault }: Choice, scenario: string | null): Choice {
  const named = scenario === null ? requests : requests.map((request) => ({ ...request, label: `${scenario} / ${request.label}` }));
  return { requests: named, byDefault };
}
