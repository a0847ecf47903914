import { resolve } from "node:path";
import { LensError } from "@lens/core";
import { formatCount } from "@lens/exporters";
import { formatOf, inspectFile, type Inspection, inspectTrace, recognizeTrace } from "@lens/workloads";
import { type ResolvedSettings, resolveConfiguration } from "../config.ts";
import { problemRows, row, spread } from "../dataset-text.ts";
import { describeTrace } from "../describe-trace.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Flags } from "../option.ts";
import { oneLine } from "../printable.ts";

/** Says what a file of prompts, or a trace, holds. What is wrong with it is an exit code, too. */
export async function runDataset([task, file]: readonly string[], flags: Flags, io: Io): Promise<number> {
  if (task !== "inspect" || file === undefined) {
    const got = task === undefined ? "nothing" : task === "inspect" ? "no file" : `\`${task.slice(0, 60)}\``;
    throw new LensError("INVALID_ARGUMENT", `Expected \`lens dataset inspect FILE\`, got ${got}.`);
  }
  const { settings } = await resolveConfiguration(flags, [], io);
  const code = await inspectAsTrace(file, settings, io);
  if (code !== null) return code;
  const { promptFormat: format = formatOf(file), template = null, vars: values = {} } = settings;
  const found = await inspectFile({ path: resolve(io.cwd, file), name: file, format, template, values });
  await io.stdout.write(settings.json ? `${JSON.stringify({ schema: 1, file, ...found }, null, 2)}\n` : describe(file, found));
  return found.problems.length > 0 || found.entries === 0 ? EXIT_CODES.usage : EXIT_CODES.ok;
}

/** Says what a trace holds; null where the file is none. */
async function inspectAsTrace(file: string, settings: ResolvedSettings, io: Io): Promise<number | null> {
  const path = resolve(io.cwd, file);
  const { promptFormat, template, traceFormat } = settings;
  const isOfPrompts = promptFormat !== undefined || template !== undefined;
  const format = traceFormat ?? (isOfPrompts ? null : await recognizeTrace(path, file));
  if (format === null) return null;
  const found = await inspectTrace(path, format, file);
  await io.stdout.write(settings.json ? `${JSON.stringify({ schema: 1, file, ...found }, null, 2)}\n` : describeTrace(file, found));
  return found.broken > 0 ? EXIT_CODES.usage : EXIT_CODES.ok;
}

function tokenRow({ tokens, countedBy, counted, entries, broken }: Inspection): readonly string[] {
  if (tokens === null) return [];
  const counter = countedBy === "gpt" ? "by gpt-tokenizer" : "by estimate";
  const part = counted < entries - broken ? `, of the first ${formatCount(counted)}` : "";
  return [row("tokens", `${spread(tokens)} (${counter}${part})`)];
}

function describe(file: string, found: Inspection): string {
  const { format, columns, entries, broken, chars, turns, withTools, first, problems } = found;
  const lines = [
    row("file", `${file} (${format})`),
    row("entries", `${formatCount(entries)}${broken === 0 ? "" : `, ${formatCount(broken)} of them broken`}`),
    ...(columns === null ? [] : [row("columns", columns.join(", "))]),
    ...tokenRow(found),
    ...(chars === null ? [] : [row("chars", spread(chars))]),
    ...(turns === null ? [] : [row("turns", spread(turns))]),
    ...(withTools === 0 ? [] : [row("tools", `in ${formatCount(withTools)} entries`)]),
    ...(first.length === 0 ? [] : ["", "first"]),
    ...first.map(({ line, text }) => `  ${oneLine(`${line}: ${text}`)}`),
    ...problemRows(file, problems, broken),
  ];
  return `${lines.join("\n")}\n`;
}
