import { rename } from "node:fs/promises";
import { resolve } from "node:path";
import { LensError } from "@lens/core";
import { toReport } from "@lens/metrics";
import * as z from "zod";
import { fileError, openHiddenFile, readTextFile } from "../files.ts";
import type { DaySpending } from "./day-budget.ts";
import type { SavedFigures } from "./figures.ts";
import type { SavedMetric } from "./metrics-text.ts";

/** What a monitor goes on with after a restart. Plain JSON. */
export interface SavedState {
  readonly spending: DaySpending;
  readonly metrics: readonly SavedMetric[];
  /** By the label of the target. */
  readonly targets: ReadonlyMap<string, SavedFigures>;
}

const KIND = "lens-monitor-state";
const count = z.number().min(0);
const nullableCount = count.nullable();

const headLine = z.object({ kind: z.literal(KIND), schema: z.literal(1), spending: z.object({ day: z.int(), spentUsd: count }) });

const metricLine = z.object({
  metric: z.object({
    name: z.string(),
    help: z.string(),
    type: z.enum(["counter", "histogram"]),
    values: z.array(
      z.object({ labels: z.record(z.string(), z.union([z.string(), z.number()])), value: count, metricName: z.string().optional() }),
    ),
  }),
});

const targetLine = z.object({
  target: z.string(),
  last: z
    .object({
      endedAtMs: count,
      sent: count,
      answered: count,
      outcome: z.string(),
      message: z.string().nullable(),
      ttftNs: nullableCount,
      e2eNs: nullableCount,
      outputTokensPerSecond: nullableCount,
      costUsd: nullableCount,
    })
    .nullable(),
  history: z.array(z.object({ fromMs: count, requests: count, answered: count, timed: count, ttftSumNs: count, ttftMaxNs: count })),
  report: z.unknown().transform(toReport),
});

/** What is written of a state: each target's figures are asked for when their turn comes, since they cost something to make. */
export interface StateToWrite extends Omit<SavedState, "targets"> {
  readonly targets: Iterable<readonly [label: string, figures: SavedFigures]>;
}

function* stateLines({ spending, metrics, targets }: StateToWrite): Generator<string, void, void> {
  const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
  yield line({ kind: KIND, schema: 1, spending });
  for (const metric of metrics) yield line({ metric });
  for (const [target, figures] of targets) yield line({ target, ...figures });
}

function parseState(text: string): SavedState {
  const [head, ...lines] = text
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  const metrics: SavedMetric[] = [];
  const targets = new Map<string, SavedFigures>();
  for (const line of lines) {
    if (typeof line === "object" && line !== null && "metric" in line) metrics.push(metricLine.parse(line).metric);
    else {
      const { target, ...figures } = targetLine.parse(line);
      targets.set(target, figures);
    }
  }
  return { spending: headLine.parse(head).spending, metrics, targets };
}

/** What became of reading a state file. */
export interface FoundState {
  /** Null where there is none that can be read. */
  readonly state: SavedState | null;
  /** Where one that cannot be read was put aside, and why; null where there was none. */
  readonly aside: { readonly path: string; readonly reason: string } | null;
}

/** Reads a state file. One that cannot be understood is put aside, lest it be written over. Throws `FILE_FAILED` where there is one that cannot be opened. */
export async function readState(path: string, cwd: string): Promise<FoundState> {
  let text: string;
  try {
    text = await readTextFile(path, cwd);
  } catch (error) {
    if (error instanceof LensError && (error.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT")
      return { state: null, aside: null };
    throw error;
  }
  try {
    return { state: parseState(text), aside: null };
  } catch (error) {
    const aside = `${path}.unreadable`;
    await rename(resolve(cwd, path), resolve(cwd, aside)).catch((cause: unknown) => {
      throw fileError("put aside", path, cause);
    });
    return { state: null, aside: { path: aside, reason: error instanceof LensError ? error.message : "it is no state of this version" } };
  }
}

/** Writes a state file, so that a reader, or a crash, finds the old one or the whole new one. Throws `FILE_FAILED`. */
export async function writeState(path: string, state: StateToWrite, cwd: string): Promise<void> {
  const file = await openHiddenFile(path, cwd);
  try {
    for (const line of stateLines(state)) await file.write(line);
    await file.keep();
  } catch (error) {
    await file.discard();
    throw error;
  }
}
