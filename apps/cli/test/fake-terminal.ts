import type { Output } from "../src/io.ts";

/** A terminal that knows as many control sequences as a region that is redrawn needs, and shows what a person would see. */
export interface FakeTerminal extends Output {
  /** What is on the screen, without colour and trailing blanks. */
  shown(): string;
  resize(columns: number): void;
}

// oxlint-disable-next-line no-control-regex -- the sequences of a terminal
const TOKEN = /\u001b\[(\??[\d;]*)([A-Za-z])|\n|[^\u001b\n]+/g;

export function createFakeTerminal(columns = 80): FakeTerminal {
  const lines: string[] = [""];
  let row = 0;
  let column = 0;
  let width = columns;

  function put(text: string): void {
    const line = (lines[row] ?? "").padEnd(column);
    lines[row] = line.slice(0, column) + text + line.slice(column + text.length);
    column += text.length;
  }

  function control(parameter: string, letter: string): void {
    const count = Number(parameter || 1);
    switch (letter) {
      case "A":
        row = Math.max(0, row - count);
        return;
      case "B":
        row += count;
        return;
      case "G":
        column = count - 1;
        return;
      case "K":
        lines[row] = parameter === "2" ? "" : (lines[row] ?? "").slice(0, column);
        return;
      case "m":
      case "h":
      case "l":
        return;
      default:
        throw new Error(`Expected a known control sequence, got ${JSON.stringify(letter)}.`);
    }
  }

  return {
    async write(text) {
      for (const [whole, parameter = "", letter] of text.matchAll(TOKEN)) {
        if (letter !== undefined) control(parameter, letter);
        else if (whole === "\n") {
          row += 1;
          column = 0;
        } else put(whole);
      }
    },
    isTty: true,
    get columns() {
      return width;
    },
    rows: 24,
    shown: () =>
      Array.from(lines, (line) => (line ?? "").trimEnd())
        .join("\n")
        .trimEnd(),
    resize(to) {
      width = to;
    },
  };
}
