import type { Spread } from "./inspect.ts";
import type { FileProblem } from "./prompt-file.ts";
import { openTrace, type TraceFormatName, type TraceRow } from "./trace.ts";

/** What a trace holds. */
export interface TraceInspection {
  readonly format: TraceFormatName;
  /** Without the broken ones. */
  readonly requests: number;
  /** From the first request to the last. */
  readonly spanNs: number;
  /** Null where all requests are due at once. */
  readonly meanPerSecond: number | null;
  /** The most requests that are due within a second, of the seconds after the first request. */
  readonly mostPerSecond: number;
  /** In tokens; null where no line says. */
  readonly input: Spread | null;
  readonly output: Spread | null;
  /** Requests that do not say how long their prompts were. */
  readonly withoutLength: number;
  /** Requests whose prompts are made of blocks, so that some begin alike. */
  readonly withBlocks: number;
  readonly first: readonly TraceRow[];
  readonly broken: number;
  /** The first of the problems. */
  readonly problems: readonly FileProblem[];
}

const SHOWN_ROWS = 3;
const SHOWN_PROBLEMS = 20;
const NS_PER_SECOND = 1e9;

/** Counts whole numbers, so that the spread of millions of them is exact in the memory of as many as differ. */
function createCounts() {
  const counts = new Map<number, number>();
  let total = 0;
  return {
    add(value: number): void {
      counts.set(value, (counts.get(value) ?? 0) + 1);
      total += 1;
    },
    spread(): Spread | null {
      if (total === 0) return null;
      const sorted = [...counts].toSorted(([a], [b]) => a - b);
      const at = (share: number): number => {
        let left = Math.ceil(share * total);
        return sorted.find(([, count]) => (left -= count) <= 0)?.[0] ?? 0;
      };
      const mean = sorted.reduce((sum, [value, count]) => sum + value * count, 0) / total;
      return { min: sorted[0]?.[0] ?? 0, median: at(0.5), mean, p95: at(0.95), max: sorted.at(-1)?.[0] ?? 0 };
    },
  };
}

/** Counts what falls into one second after the other. */
function createPeak() {
  let second = 0;
  let count = 0;
  let most = 0;
  return {
    add(dueNs: number): void {
      const now = Math.floor(dueNs / NS_PER_SECOND);
      count = now === second ? count + 1 : 1;
      second = now;
      most = Math.max(most, count);
    },
    most: () => most,
  };
}

/** Reads a trace from one end to the other and says what it holds; `name` is what messages call it. Rejects with `FILE_FAILED`, and `INVALID_ARGUMENT` where no line can be used. */
export async function inspectTrace(path: string, format: TraceFormatName, name = path): Promise<TraceInspection> {
  const problems: FileProblem[] = [];
  const trace = await openTrace({ path, name, format, onBadLine: "skip" }, (problem) => {
    if (problems.length < SHOWN_PROBLEMS) problems.push(problem);
  });
  const [input, output, peak] = [createCounts(), createCounts(), createPeak()];
  const first: TraceRow[] = [];
  let [requests, withoutLength, withBlocks, spanNs] = [0, 0, 0, 0];

  function add(row: TraceRow): void {
    requests += 1;
    spanNs = row.dueNs;
    peak.add(row.dueNs);
    if (row.inputTokens === null) withoutLength += 1;
    else input.add(row.inputTokens);
    if (row.outputTokens !== null) output.add(row.outputTokens);
    if (row.hashIds !== null) withBlocks += 1;
    if (first.length < SHOWN_ROWS) first.push(row);
  }

  try {
    for (let row = trace.next(); row !== null; row = trace.next()) {
      if (row === undefined) await trace.ready();
      else add(row);
    }
  } finally {
    await trace.close();
  }
  return {
    format,
    requests,
    spanNs,
    meanPerSecond: spanNs === 0 ? null : ((requests - 1) * NS_PER_SECOND) / spanNs,
    mostPerSecond: peak.most(),
    input: input.spread(),
    output: output.spread(),
    withoutLength,
    withBlocks,
    first,
    broken: trace.skippedLines(),
    problems,
  };
}
