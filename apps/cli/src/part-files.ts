import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { slugOf } from "./output-names.ts";

/** A file for each part of a text, in a format that wants that: `run.hgrm` becomes `run.TARGET.ttft.hgrm` and so on. */
export function partPaths(path: string, parts: readonly { readonly names: readonly string[] }[]): readonly string[] {
  const { folder, stem, ending } = piecesOf(path);
  const taken = new Set<string>();
  return parts.map(({ names }) => {
    const wanted = `${stem}.${names.map((name) => slugOf([name])).join(".")}`;
    let name = wanted;
    for (let count = 2; taken.has(name); count += 1) name = `${wanted}-${count}`;
    taken.add(name);
    return join(folder, `${name}${ending}`);
  });
}

/** A file that is there already and could be one of those parts; null where there is none. What they will be called is not known before the run. */
export async function findPart(path: string, cwd: string): Promise<string | null> {
  const { folder, stem, ending } = piecesOf(path);
  const names = await readdir(resolve(cwd, folder)).catch(() => []);
  const found = names.find((name) => name.startsWith(`${stem}.`) && name.endsWith(ending) && name !== `${stem}${ending}`);
  return found === undefined ? null : join(folder, found);
}

function piecesOf(path: string): { readonly folder: string; readonly stem: string; readonly ending: string } {
  const ending = extname(path);
  return { folder: dirname(path), stem: basename(path, ending), ending };
}
