import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { publishedPackages, rootDir } from "../scripts/workspace.mjs";

/** Programs of which only the files are looked at that they are given. */
const KNOWN = new Set(
  `alias amtool bash cat cd chmod cosign cp curl docker echo export gh git grep head install jq journalctl kill kubectl ls mkdir openssl printf promtool
  python3 rm sed sh sha256sum sleep source sudo systemctl tail tar test time wait`.split(/\s+/),
);

/** What is wrong with the arguments of a program; null where nothing is. */
const CHECKS: Readonly<Record<string, (args: readonly string[]) => string | null>> = {
  npm: checkNpm,
  npx: checkNpx,
  make: checkMake,
  node: checkNode,
};

const isFlag = (word: string): boolean => word.startsWith("-");
const readRoot = (file: string): string => readFileSync(path.join(rootDir, file), "utf8");

/** What npm does beside running a script. */
const OF_NPM = new Set(["init", "pack", "publish", "audit", "view", "login", "exec", "deprecate", "dist-tag"]);

function checkNpm(args: readonly string[]): string | null {
  const [command = "", ...rest] = args.filter((arg) => !isFlag(arg));
  if (["install", "i", "ci"].includes(command)) return checkPackages(rest);
  const script = command === "run" ? (rest[0] ?? "") : command;
  const { scripts } = JSON.parse(readRoot("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
  return OF_NPM.has(command) || Object.hasOwn(scripts, script) ? null : `package.json has no script \`${script}\``;
}

/** What is installed is ours, or tested with ours. */
function checkPackages(names: readonly string[]): string | null {
  const ours = publishedPackages().map(({ name }) => name);
  const known = [...ours, ...[...readRoot("pnpm-workspace.yaml").matchAll(/^ {2}"?([\w@/.-]+)"?: /gm)].map(([, name]) => name)];
  const strange = names.find((name) => !/^[./]/.test(name) && !known.includes(name.replace(/(?<=.)@.*$/, "")));
  return strange === undefined ? null : `\`${strange}\` is neither ours nor in the catalog of pnpm-workspace.yaml`;
}

function checkNpx(args: readonly string[]): string | null {
  const program = args.find((arg) => !isFlag(arg)) ?? "";
  return existsSync(path.join(rootDir, "node_modules/.bin", program)) ? null : `nothing installs the program \`${program}\``;
}

function checkMake(args: readonly string[]): string | null {
  const targets = args.filter((arg) => !isFlag(arg) && !arg.includes("="));
  const missing = targets.find((target) => !new RegExp(`^${target}:`, "m").test(readRoot("Makefile")));
  return missing === undefined ? null : `the Makefile has no target \`${missing}\``;
}

function checkNode(args: readonly string[]): string | null {
  const script = args.find((arg) => !isFlag(arg)) ?? "";
  return existsSync(path.join(rootDir, script)) ? null : `there is no \`${script}\``;
}

/** A file or folder of the repository, as far as its name tells. */
const IN_REPOSITORY = /^(?:\.\/)?((?:\.ci|\.github|apps|docker|docs|examples|monitoring|packages|tooling)\/[^$]*)$/;
/** What is made by hand, by a build or by a reader, and not kept. */
const NOT_KEPT = /(?:^docker\/secrets|\/dist)(?:\/|$)/;

/** The files that a word stands for, its `*` being any letters of the last part of a path; the word itself where it stands for none. */
export function expandWord(word: string, folder: string): readonly string[] {
  const at = word.lastIndexOf("/") + 1;
  const parent = path.resolve(folder, word.slice(0, at));
  if (!word.slice(at).includes("*") || word.slice(0, at).includes("*") || !existsSync(parent)) return [word];
  const pattern = new RegExp(`^${word.slice(at).replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
  const found = readdirSync(parent).filter((name) => pattern.test(name));
  return found.length === 0 ? [word] : found.toSorted().map((name) => word.slice(0, at) + name);
}

/** What is wrong with a command that is not ours, as far as that can be told without running it; null where nothing is. */
export function faultOfOther([program = "", ...args]: readonly string[]): string | null {
  const check = CHECKS[program];
  if (check === undefined && !KNOWN.has(program)) return `\`${program}\` is not understood: tooling/test/other-programs.ts lists what is`;
  const named = args.flatMap((arg) => IN_REPOSITORY.exec(arg.replace(/^--[\w.-]+=/, ""))?.[1] ?? []).filter((file) => !NOT_KEPT.test(file));
  const missing = named.flatMap((file) => expandWord(file, rootDir)).find((file) => !existsSync(path.join(rootDir, file)));
  return missing === undefined ? (check?.(args) ?? null) : `there is no \`${missing}\``;
}
