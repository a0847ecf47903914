import { type Configuration, type NamedConfiguration, resolveScenarios, unknownVariables } from "../config.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Flags } from "../option.ts";
import { SETTING_NAMES } from "../options.ts";
import { shownSetting } from "../secrets.ts";
import { presentKeys } from "../targets.ts";

/** Prints the settings in force, and where each comes from. Keys and headers that look secret are masked. */
export async function runConfig(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const { whole: configuration, scenarios } = await resolveScenarios(flags, positionals, io);
  const rows = settingRows(configuration);
  const own = scenarios.map((scenario) => ({ name: scenario.name, rows: ownRows(scenario, configuration) }));
  const keys = presentKeys(io.env);
  if (configuration.settings.json) {
    const settings = tableOf(rows);
    const tables =
      scenarios.length === 0 ? {} : { scenarios: Object.fromEntries(own.map((scenario) => [scenario.name, tableOf(scenario.rows)])) };
    await io.stdout.write(`${JSON.stringify({ file: configuration.file, settings, ...tables, keys }, null, 2)}\n`);
  } else {
    await io.stdout.write(renderRows(configuration.file, rows, keys));
    for (const scenario of own) await io.stdout.write(`\nscenario ${scenario.name}\n${renderLines(scenario.rows, rows)}`);
  }
  for (const name of unknownVariables(io.env)) await io.stderr.write(`lens: \`${name}\` is set but is no setting; it is ignored.\n`);
  return EXIT_CODES.ok;
}

interface Row {
  readonly name: string;
  readonly value: unknown;
  readonly source: string;
}

function settingRows({ settings, sources }: Configuration): readonly Row[] {
  return SETTING_NAMES.map((name) => ({
    name,
    value: shownSetting(name, settings[name]),
    source: sources[name] ?? "not set",
  }));
}

const tableOf = (rows: readonly Row[]): Readonly<Record<string, Omit<Row, "name">>> =>
  Object.fromEntries(rows.map(({ name, value, source }) => [name, { value, source }]));

/** Where a scenario differs from what holds beside it. */
function ownRows({ configuration }: NamedConfiguration, whole: Configuration): readonly Row[] {
  const besides = new Map(settingRows(whole).map((row) => [row.name, row.source]));
  return settingRows(configuration).filter(({ name, source }) => source !== besides.get(name));
}

function renderRows(file: string | null, rows: readonly Row[], keys: readonly string[]): string {
  const keyLine = keys.length === 0 ? "none" : keys.map((name) => `${name}=***`).join(" ");
  return `file: ${file ?? "none"}\nkeys: ${keyLine}\n\n${renderLines(rows, rows)}`;
}

/** Rows in columns as wide as those of a whole table want them. */
function renderLines(rows: readonly Row[], table: readonly Row[]): string {
  const shown = (value: unknown): string => (value === null ? "-" : typeof value === "string" ? value : JSON.stringify(value));
  const widest = Math.max(...table.map((row) => row.name.length));
  return rows.map(({ name, value, source }) => `${`${name.padEnd(widest)}  ${shown(value).padEnd(30)}  ${source}`.trimEnd()}\n`).join("");
}
