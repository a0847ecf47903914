import { LensError } from "@lens/core";
import { consoleExporter, formatCount, formatInstant, jsonExporter } from "@lens/exporters";
import { baselinePath, type Report } from "@lens/metrics";
import { listBaselines, readBaseline, saveBaseline } from "../baselines.ts";
import { wantsColor } from "../color.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { suggestion } from "../nearest.ts";
import type { Flags } from "../option.ts";
import { oneLine } from "../printable.ts";
import { readResult } from "../saved-results.ts";

const ACTIONS = ["save", "list", "show"] as const;

/** Saves, lists and shows the results that others are compared with. */
export async function runBaseline(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const [asked = "", ...rest] = positionals;
  const action = ACTIONS.find((known) => known === asked);
  const json = flags.json === true;
  switch (action) {
    case "save":
      return await save(rest, io);
    case "list":
      if (rest[0] !== undefined)
        throw new LensError("INVALID_ARGUMENT", `Expected nothing after \`list\`, got \`${rest[0].slice(0, 60)}\`.`);
      return await list(json, io);
    case "show":
      return await show(rest, json, io);
    case undefined:
      throw new LensError(
        "INVALID_ARGUMENT",
        `Expected ${ACTIONS.join(", ")} after \`lens baseline\`, got ${asked === "" ? "nothing" : `\`${asked.slice(0, 60)}\``}.${suggestion(asked, ACTIONS)}`,
      );
  }
}

/** A result that is given by no file comes by standard input. */
async function save([name, file = "-"]: readonly string[], io: Io): Promise<number> {
  const known = nameOf(name, "save");
  const path = baselinePath(known);
  const report = await readResult(file, io);
  await saveBaseline(known, report, io);
  await io.stderr.write(`Saved ${describe(report)} as ${path}.\n`);
  return EXIT_CODES.ok;
}

async function list(json: boolean, io: Io): Promise<number> {
  const names = await listBaselines(io);
  const reports = await Promise.all(names.map((name) => readBaseline(name, io)));
  const rows = reports.map((report, index) => ({ name: names[index] ?? "", ...summaryOf(report) }));
  const widest = Math.max(0, ...names.map((name) => name.length));
  const lines = reports.map((report, index) => `${names[index]?.padEnd(widest)}  ${describe(report)}\n`);
  await io.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : lines.join(""));
  if (!json && names.length === 0) await io.stderr.write("There are no baselines here. `lens baseline save NAME FILE` makes one.\n");
  return EXIT_CODES.ok;
}

async function show([name, extra]: readonly string[], json: boolean, io: Io): Promise<number> {
  if (extra !== undefined) throw new LensError("INVALID_ARGUMENT", `Expected one baseline to show, got \`${extra.slice(0, 60)}\` besides.`);
  const report = await readBaseline(nameOf(name, "show"), io);
  const color = wantsColor(undefined, io.env, io.stdout);
  await io.stdout.write((json ? jsonExporter : consoleExporter).render(report, { color, explain: false }));
  return EXIT_CODES.ok;
}

function nameOf(name: string | undefined, action: string): string {
  if (name === undefined)
    throw new LensError("INVALID_ARGUMENT", `Expected the name of a baseline after \`lens baseline ${action}\`, got none.`);
  return name;
}

function summaryOf({ run, tool, groups }: Report) {
  return {
    startedAtMs: run.startedAtMs,
    toolVersion: tool.version,
    targets: groups.map(({ target }) => target.label),
    requests: groups.reduce((sum, { requests }) => sum + requests, 0),
  };
}

function describe(report: Report): string {
  const { startedAtMs, targets, requests } = summaryOf(report);
  return oneLine(
    `${formatCount(requests)} ${requests === 1 ? "request" : "requests"} to ${targets.join(", ") || "nothing"} of ${formatInstant(startedAtMs)}`,
  );
}
