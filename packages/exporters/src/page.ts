import type { Definition } from "@lens/metrics";
import { createColors } from "picocolors";
import { printable, truncate, wrap } from "./terminal-text.ts";

/** The widest that a line may be. */
const PAGE_WIDTH = 80;
const FIELD_WIDTH = 14;
const EXPLANATION_INDENT = 4;

/** What a line is to stand out as. */
export type Tone = "plain" | "title" | "dim" | "good" | "bad" | "doubtful";

/** Lines of text for a terminal of 80 columns. Whatever is written is made printable and cut or broken to fit. */
export interface Page {
  /** One line, cut if it is too long. */
  line(text: string, tone?: Tone): void;
  /** Words, broken into lines and indented. */
  text(words: string, indent?: number, tone?: Tone): void;
  /** A name and its values, which go on under one another. */
  field(name: string, values: readonly string[], tone?: Tone): void;
  /** The definition of a metric, where explanations are wanted. */
  explain(metric: string): void;
  /** An empty line, but never two. */
  blank(): void;
  /** All that was written. */
  toString(): string;
}

/** How a page is written. */
export interface PageOptions {
  readonly color: boolean;
  /** The definitions to explain metrics by; null explains nothing. */
  readonly definitions: Readonly<Record<string, Definition>> | null;
}

/** An empty page. */
export function createPage({ color, definitions }: PageOptions): Page {
  const colors = createColors(color);
  const paint: Readonly<Record<Tone, (text: string) => string>> = {
    plain: (text) => text,
    title: (text) => colors.bold(text),
    dim: (text) => colors.dim(text),
    good: (text) => colors.green(text),
    bad: (text) => colors.bold(colors.red(text)),
    doubtful: (text) => colors.yellow(text),
  };
  const lines: string[] = [];

  const line = (text: string, tone: Tone = "plain"): void => {
    // Colour comes last: it has no width, and nothing from outside may bring its own.
    lines.push(paint[tone](truncate(printable(text), PAGE_WIDTH).trimEnd()));
  };
  const text = (words: string, indent = 0, tone: Tone = "plain"): void => {
    for (const part of wrap(printable(words).split(/\s+/), " ", PAGE_WIDTH - indent)) line(`${" ".repeat(indent)}${part}`, tone);
  };

  return {
    line,
    text,
    field(name, values, tone) {
      const parts = wrap(values.map(printable), " · ", PAGE_WIDTH - FIELD_WIDTH);
      parts.forEach((part, index) => line(`${(index === 0 ? name : "").padEnd(FIELD_WIDTH)}${part}`, tone));
    },
    explain(metric) {
      const found = definitions?.[metric];
      if (found !== undefined) text(found.definition, EXPLANATION_INDENT, "dim");
    },
    blank() {
      if (lines.length > 0 && lines.at(-1) !== "") lines.push("");
    },
    toString: () => `${lines.join("\n").trimEnd()}\n`,
  };
}
