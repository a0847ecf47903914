import type { FileFormat } from "./entry-index.ts";
import { type FileProblem, isFileProblem, openPromptFile, type PlacedEntry, type PromptFileOptions } from "./prompt-file.ts";
import type { TokenizerName } from "./spec.ts";
import { isInstalled, openTokenizer } from "./tokenizer.ts";

/** How numbers are spread. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly mean: number;
  readonly p95: number;
  readonly max: number;
}

/** One of the first entries, as it would be asked. */
export interface EntrySample {
  readonly line: number;
  readonly turns: number;
  /** The beginning of its last message. */
  readonly text: string;
}

/** What a file of prompts holds. */
export interface Inspection {
  readonly format: FileFormat;
  readonly columns: readonly string[] | null;
  /** Broken ones included. */
  readonly entries: number;
  /** Of the prompts, in characters; null where there is none. */
  readonly chars: Spread | null;
  /** In tokens, of the first prompts; null where there is none. */
  readonly tokens: Spread | null;
  readonly countedBy: TokenizerName;
  /** Of how many prompts the tokens were counted. */
  readonly counted: number;
  /** How many times somebody speaks in an entry; null where there is none. */
  readonly turns: Spread | null;
  readonly withTools: number;
  readonly first: readonly EntrySample[];
  readonly broken: number;
  /** The first of the problems. */
  readonly problems: readonly FileProblem[];
}

const SHOWN_ENTRIES = 3;
const SHOWN_CHARS = 200;
const SHOWN_PROBLEMS = 20;
/** A tokenizer takes a second for about a million tokens. */
const MOST_COUNTED = 2_000;

function spreadOf(values: readonly number[]): Spread | null {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  if (sorted.length === 0) return null;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { min: sorted[0] ?? 0, median: at(0.5), mean, p95: at(0.95), max: sorted.at(-1) ?? 0 };
}

const textOf = (content: PlacedEntry["entry"]["prompt"]["messages"][number]["content"]): string =>
  typeof content === "string" ? content : JSON.stringify(content);

/** Says what a file of prompts holds, and what is wrong with it. Rejects with `FILE_FAILED`, and `INVALID_ARGUMENT` for a table without a header. */
export async function inspectFile(options: PromptFileOptions): Promise<Inspection> {
  const countedBy: TokenizerName = (await isInstalled("gpt")) ? "gpt" : "estimate";
  const count = await openTokenizer(countedBy);
  const file = await openPromptFile(options);
  const [chars, tokens, turns]: [number[], number[], number[]] = [[], [], []];
  const first: EntrySample[] = [];
  const problems: FileProblem[] = file.broken === null ? [] : [file.broken];
  let [broken, withTools] = [0, 0];

  function add({ line, entry }: PlacedEntry): void {
    const { messages, body } = entry.prompt;
    const text = messages.map(({ content }) => textOf(content)).join("\n");
    chars.push(text.length);
    turns.push(entry.turns);
    if (body?.tools !== undefined || body?.functions !== undefined) withTools += 1;
    if (tokens.length < MOST_COUNTED) tokens.push(count(text));
    const last = messages.at(-1);
    if (first.length < SHOWN_ENTRIES && last !== undefined)
      first.push({ line, turns: entry.turns, text: textOf(last.content).slice(0, SHOWN_CHARS) });
  }

  try {
    for await (const found of file.readAll()) {
      if (!isFileProblem(found)) {
        add(found);
        continue;
      }
      broken += 1;
      if (problems.length < SHOWN_PROBLEMS) problems.push(found);
    }
  } finally {
    await file.close();
  }
  return {
    format: options.format,
    columns: file.columns,
    entries: file.count,
    chars: spreadOf(chars),
    tokens: spreadOf(tokens),
    countedBy,
    counted: tokens.length,
    turns: spreadOf(turns),
    withTools,
    first,
    broken,
    problems,
  };
}
