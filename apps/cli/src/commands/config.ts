import { type Configuration, resolveConfiguration, unknownVariables } from "../config.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Flags } from "../option.ts";
import { SETTING_NAMES } from "../options.ts";
import { shownSetting } from "../secrets.ts";
import { presentKeys } from "../targets.ts";

/** Prints the settings in force, and where each comes from. Keys and headers that look secret are masked. */
export async function runConfig(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const configuration = await resolveConfiguration(flags, positionals, io);
  const rows = settingRows(configuration);
  const keys = presentKeys(io.env);
  if (configuration.settings.json) {
    const settings = Object.fromEntries(rows.map(({ name, value, source }) => [name, { value, source }]));
    await io.stdout.write(`${JSON.stringify({ file: configuration.file, settings, keys }, null, 2)}\n`);
  } else {
    await io.stdout.write(renderRows(configuration.file, rows, keys));
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

function renderRows(file: string | null, rows: readonly Row[], keys: readonly string[]): string {
  const shown = (value: unknown): string => (value === null ? "-" : typeof value === "string" ? value : JSON.stringify(value));
  const widest = Math.max(...rows.map((row) => row.name.length));
  const lines = rows.map(({ name, value, source }) => `${name.padEnd(widest)}  ${shown(value).padEnd(30)}  ${source}`.trimEnd());
  const keyLine = keys.length === 0 ? "none" : keys.map((name) => `${name}=***`).join(" ");
  return [`file: ${file ?? "none"}`, `keys: ${keyLine}`, "", ...lines, ""].join("\n");
}
