import { isFault, type LineFault, shown, type TraceFormat, type TraceParser } from "./trace-format.ts";
import { parseDateTimeNs, parseSecondsNs } from "./trace-time.ts";

/** One field of a line. */
interface Field {
  readonly text: string;
  /** Where it begins, counted from 1. */
  readonly column: number;
}

const QUOTED = /^\s*"(.*)"\s*$/;

/** Cuts a line at its commas. These traces hold numbers, dates and plain words: a comma within quotes does not occur. */
function cutFields(line: string): readonly Field[] {
  let column = 1;
  return line.split(",").map((written) => {
    const field = { text: (QUOTED.exec(written)?.[1] ?? written).trim(), column };
    column += written.length + 1;
    return field;
  });
}

const namesOf = (line: string): readonly string[] => cutFields(line).map(({ text }) => text.toLowerCase());

/** What the columns of a CSV are called. */
interface Columns {
  readonly at: string;
  readonly input: string;
  readonly output: string;
}

interface CsvTrace {
  readonly columns: Columns;
  readonly time: { readonly parse: (text: string) => bigint | null; readonly expected: string };
}

const COUNT = /^\d{1,9}$/;

function openCsv({ columns, time }: CsvTrace, header: string): TraceParser | LineFault {
  const names = namesOf(header);
  const wanted = [columns.at, columns.input, columns.output];
  const missing = wanted.find((name) => !names.includes(name.toLowerCase()));
  if (missing !== undefined) return { column: 1, problem: `Expected a column \`${missing}\`, got ${shown(header)}` };
  const [at = 0, input = 0, output = 0] = wanted.map((name) => names.indexOf(name.toLowerCase()));

  function readCount(fields: readonly Field[], place: number, line: string): number | LineFault {
    const field = fields[place];
    const count = field !== undefined && COUNT.test(field.text) ? Number(field.text) : 0;
    if (count >= 1) return count;
    const name = place === input ? columns.input : columns.output;
    const problem = `Expected \`${name}\` to be a whole number from 1 up, got ${shown(field?.text)}`;
    return { column: field?.column ?? line.length + 1, problem };
  }

  return {
    hasHeader: true,
    parse(line) {
      const fields = cutFields(line);
      const when = fields[at];
      const atNs = when === undefined ? null : time.parse(when.text);
      if (atNs === null) {
        const problem = `Expected \`${columns.at}\` to be ${time.expected}, got ${shown(when?.text)}`;
        return { column: when?.column ?? line.length + 1, problem };
      }
      const inputTokens = readCount(fields, input, line);
      if (typeof inputTokens === "object") return inputTokens;
      const outputTokens = readCount(fields, output, line);
      if (typeof outputTokens === "object") return outputTokens;
      return { atNs, atColumn: when?.column ?? 1, endNs: null, inputTokens, outputTokens, hashIds: null, phase: null };
    },
  };
}

function csvFormat(trace: CsvTrace): TraceFormat {
  return {
    recognizes: (line) => !isFault(openCsv(trace, line)),
    open: (line) => openCsv(trace, line),
    isInOrderOfEnds: false,
  };
}

/** The traces of Azure's LLM inference services (AzurePublicDataset, 2023 to 2025): a date and time, and two lengths. */
export const azureFormat = csvFormat({
  columns: { at: "TIMESTAMP", input: "ContextTokens", output: "GeneratedTokens" },
  time: { parse: parseDateTimeNs, expected: "a date and time such as 2023-11-16 18:17:03.9799600" },
});

/** BurstGPT (HPMLL/BurstGPT): seconds from the first day's beginning, and two lengths. Its failed requests have a response of 0 tokens. */
export const burstGptFormat = csvFormat({
  columns: { at: "Timestamp", input: "Request tokens", output: "Response tokens" },
  time: { parse: parseSecondsNs, expected: "a number of seconds from 0 up" },
});
