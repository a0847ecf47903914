import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { rootDir } from "../scripts/workspace.mjs";
import { commandsOf } from "./shell.ts";

/** A fenced block of a page. */
export interface Block {
  /** Of the page, relative to the root. */
  readonly page: string;
  /** The line of the page at which its text begins, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** The heading that it stands under, as far as one has come. */
  readonly section: string;
}

/** Every page that people are sent to, relative to the root. */
export function listPages(): readonly string[] {
  const inFolders = ["packages", "apps"].flatMap((parent) =>
    readdirSync(path.join(rootDir, parent)).map((name) => `${parent}/${name}/README.md`),
  );
  const inRoot = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "AGENTS.md"];
  const docs = readdirSync(path.join(rootDir, "docs")).filter((name) => name.endsWith(".md"));
  return [...inRoot, ...docs.map((name) => `docs/${name}`), ...inFolders].filter((page) => existsSync(path.join(rootDir, page)));
}

export function readPage(page: string): string {
  return readFileSync(path.join(rootDir, page), "utf8");
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = [];
  let section = "";
  let open: { readonly line: number; readonly language: string; readonly indent: number; readonly lines: string[] } | null = null;
  for (const [index, line] of readPage(page).split("\n").entries()) {
    const fence = /^( *)```(\w*)/.exec(line);
    if (fence === null) {
      if (open !== null) open.lines.push(line.slice(open.indent));
      else section = /^#+ (.*)/.exec(line)?.[1] ?? section;
    } else if (open === null) open = { line: index + 2, language: fence[2] ?? "", indent: fence[1]?.length ?? 0, lines: [] };
    else {
      blocks.push({ page, line: open.line, language: open.language, text: open.lines.join("\n"), section });
      open = null;
    }
  }
  return blocks;
}

/** The program that a page begins with. */
export function firstProgram(page: string): string {
  const [first] = blocksOf(page);
  if (first?.language !== "ts") throw new Error(`Expected ${page} to begin with a program.`);
  return `${first.text}\n`;
}

/** The cells of every row of every table of a page, without the code marks around them. */
export function rowsOf(page: string): readonly (readonly string[])[] {
  return readPage(page)
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll("`", "")));
}

/** The words of the first command of a line, and what its comment says. */
export function wordsOf(line: string): { readonly words: readonly string[]; readonly comment: string } {
  const [first] = commandsOf(line);
  return { words: first?.words ?? [], comment: first?.comment ?? "" };
}
