import { formatDuration, LensError, parseDurationNs } from "@lens/core";
import { formatCount } from "@lens/exporters";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { TOOL } from "../manifest.ts";
import type { Flags } from "../option.ts";
import { wrapText } from "../printable.ts";
import { runSelftestLevels, type Selftest, type SelftestLevel, WAKING_ALLOWANCE_NS } from "../selftest.ts";

const DEFAULT_STREAMS = "1,10,100,300";
const DEFAULT_DURATION = "10s";

/** Measures this machine against the simulator's truth, and says whether what the instrument claims of its own error is so. */
export async function runSelftest(flags: Flags, io: Io): Promise<number> {
  const streams = readStreams((flags.streams ?? DEFAULT_STREAMS).toString());
  const durationNs = parseDurationNs((flags.duration ?? DEFAULT_DURATION).toString(), "`--duration`");
  if (flags.quiet !== true)
    await io.stderr.write(`Measuring this machine for ${formatDuration(durationNs)} with ${streams.join(", ")} streams at once.\n`);
  const found = await runSelftestLevels({ io, streams, durationNs });
  await io.stdout.write(flags.json === true ? renderJson(found, io) : renderText(found));
  return found.holds ? EXIT_CODES.ok : EXIT_CODES.clientLimited;
}

function readStreams(text: string): readonly number[] {
  return text.split(",").map((part) => {
    const count = /^\s*\d+\s*$/.test(part) ? Number(part) : 0;
    if (count >= 1) return count;
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected \`--streams\` to be whole numbers from 1 up, by comma, got \`${text.slice(0, 60)}\`.`,
    );
  });
}

function renderJson(found: Selftest, { machine, nodeVersion }: Io): string {
  return `${JSON.stringify({ schema: 1, tool: TOOL, node: nodeVersion, machine, ...found, verdict: verdictOf(found) }, null, 2)}\n`;
}

const percent = (share: number): string => `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;

function verdictOf({ holds, levels }: Selftest): string {
  if (holds) return "The bound holds here: what reports say of their own error can be trusted.";
  const failed = levels.filter((level) => !level.holds).map(({ streams }) => streams);
  return `The bound does not hold here with ${failed.join(", ")} streams at once: more than 1 % of the stamps are later than it says.`;
}

const COLUMNS: readonly (readonly [title: string, width: number, show: (level: SelftestLevel) => string])[] = [
  ["streams", 7, ({ streams }) => formatCount(streams)],
  ["stamps", 9, ({ stamps }) => formatCount(stamps)],
  ["error p50", 11, ({ error }) => formatDuration(error.p50Ns)],
  ["p99", 10, ({ error }) => formatDuration(error.p99Ns)],
  ["max", 10, ({ error }) => formatDuration(error.maxNs)],
  ["bound p50", 11, ({ bound }) => formatDuration(bound.p50Ns)],
  ["p99", 10, ({ bound }) => formatDuration(bound.p99Ns)],
  ["covered", 10, ({ coveredShare }) => percent(coveredShare)],
];

function renderText(found: Selftest): string {
  const head = COLUMNS.map(([title, width]) => title.padStart(width)).join("");
  const rows = found.levels.map((level) => COLUMNS.map(([, width, show]) => show(level).padStart(width)).join(""));
  return [
    head,
    ...rows,
    "",
    "error: the stamp of the read − that of the write, by one clock.",
    "bound: what the instrument says that it is at most.",
    `covered: stamps whose error is no more than the bound + ${formatDuration(WAKING_ALLOWANCE_NS)}.`,
    `This machine takes about ${formatDuration(found.wakingNs)} to wake up for bytes, which no bound can see.`,
    "",
    ...wrapText(verdictOf(found), 80),
    "",
  ].join("\n");
}
