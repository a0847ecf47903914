/** One command of a block, as a shell would start it. */
export interface ShellCommand {
  /** The line that it begins in, from 0. */
  readonly line: number;
  /** What it is started with besides the reader's own environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The program and its arguments, without quotes; nothing in them is replaced. */
  readonly words: readonly string[];
  /** Whether it reads what the command before it writes. */
  readonly isPiped: boolean;
  /** The file that its standard input is read from; null where none is. */
  readonly input: string | null;
  /** The file that its standard output goes to; null where none does. */
  readonly output: string | null;
  /** What the page says beside it. */
  readonly comment: string;
}

const PIECE = new RegExp(
  [
    /(?<blank>(?:[ \t]|\\\n)+)/,
    /(?<comment>#.*)/,
    /(?<operator>\n|&&|\|\||2>&1|2>|<<|>>|[|;&<>])/,
    /"(?<double>(?:[^"\\]|\\.)*)"/,
    /'(?<single>[^']*)'/,
    /(?<bare>\$\([^)]*\)|\\.|[^\s"'|&;<>\\$]+|\$)/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "y",
);

/** Of a loop or a condition, what stands before its commands, and what ends it. */
const KEYWORDS: readonly string[] = ["if", "while", "do", "then", "else", "done", "fi"];
/** What it begins with where no command follows. */
const HEAD = "for";

interface Piece {
  readonly text: string;
  readonly groups: Readonly<Record<string, string | undefined>>;
}

/** Throws where a text is none that a shell would read. */
function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  PIECE.lastIndex = 0;
  for (let match = PIECE.exec(text); match !== null; match = PIECE.exec(text)) {
    pieces.push({ text: match[0], groups: match.groups ?? {} });
    if (PIECE.lastIndex === text.length) return pieces;
  }
  if (text === "") return pieces;
  throw new Error(`Expected a command line, got \`${text}\`.`);
}

/** A command in the making. */
interface Draft {
  line: number;
  words: string[];
  isPiped: boolean;
  files: { "<": string | null; ">": string | null };
}

const draftAt = (line: number, isPiped: boolean): Draft => ({ line, words: [], isPiped, files: { "<": null, ">": null } });

function finished({ line, words, isPiped, files }: Draft, comment: string): ShellCommand | null {
  const kept = words.slice(KEYWORDS.includes(words[0] ?? "") ? 1 : 0);
  const at = kept.findIndex((word) => !/^[A-Z_][A-Z0-9_]*=/.test(word));
  if (at < 0 || kept[at] === HEAD) return null;
  const env = Object.fromEntries(kept.slice(0, at).map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]));
  return { line, env, words: kept.slice(at), isPiped, input: files["<"], output: files[">"], comment };
}

/** The commands of a block, in order. A comment is that of all commands of its line. Throws for what no page should need, such as a here-document. */
export function commandsOf(text: string): readonly ShellCommand[] {
  const found: ShellCommand[] = [];
  let drafts: Draft[] = [];
  let line = 0;
  let draft = draftAt(0, false);
  let word: string | null = null;
  let redirect: "<" | ">" | "2>" | null = null;
  let comment = "";

  function endWord(): void {
    if (word !== null && redirect === null) draft.words.push(word);
    else if (word !== null && redirect !== null && redirect !== "2>") draft.files[redirect] = word;
    if (word !== null) redirect = null;
    word = null;
  }

  function endCommand(isPipe: boolean): void {
    endWord();
    if (draft.words.length > 0) drafts.push(draft);
    draft = draftAt(line, isPipe);
  }

  function endLine(): void {
    endCommand(false);
    found.push(...drafts.map((one) => finished(one, comment)).filter((one) => one !== null));
    drafts = [];
    comment = "";
    line += 1;
    draft.line = line;
  }

  for (const { text: piece, groups } of piecesOf(text)) {
    const { blank, comment: said, operator, double, single, bare } = groups;
    if (blank !== undefined) endWord();
    else if (said !== undefined && word === null) comment = said.slice(1).trim();
    else if (operator === undefined) word = (word ?? "") + (double ?? single ?? bare ?? piece);
    else if (operator === "\n") endLine();
    else if (operator === "<<") throw new Error(`Expected no here-document, got one in \`${text}\`.`);
    else if (operator === ">" || operator === "<" || operator === ">>" || operator === "2>") {
      endWord();
      redirect = operator === ">>" ? ">" : operator;
    } else if (operator === "2>&1") endWord();
    else endCommand(operator === "|");
    if (operator !== "\n") line += piece.split("\n").length - 1;
  }
  endLine();
  return found;
}
