import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { anchorsOf, proseOf } from "../scripts/anchors.mjs";
import { rootDir } from "../scripts/workspace.mjs";
import { listPages, readPage } from "./markdown.ts";

const reference = readdirSync(path.join(rootDir, "docs/api"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => path.posix.join("docs/api", name.replaceAll(path.sep, "/")));
const pages = [...listPages(), ...reference];

const anchors = new Map(pages.map((page) => [page, anchorsOf(readPage(page))]));

/** A page without its code, in which nothing is a link. */
const withoutCode = (page: string): string => proseOf(readPage(page)).replaceAll(/(`+)(?!`).+?\1/g, "");

/** What is linked to within the repository: by `[words](target)`, or by `[name]: target` in a line of its own. */
function targetsOf(page: string): readonly string[] {
  const words = withoutCode(page);
  const found = [...words.matchAll(/\]\(([^)\s]+)[^)]*\)/g), ...words.matchAll(/^\[[^\]]+\]: (\S+)/gm)];
  return found.map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));
}

function leadsNowhere(page: string, target: string): boolean {
  const [file = "", anchor] = decodeURI(target).split("#");
  const linked = file === "" ? page : path.posix.join(path.posix.dirname(page), file);
  if (!existsSync(path.join(rootDir, linked))) return true;
  return anchor !== undefined && anchors.get(linked)?.has(anchor) === false;
}

describe("a link of the documentation", () => {
  test.each(pages)("leads somewhere from %s", (page) => {
    expect(targetsOf(page).filter((target) => leadsNowhere(page, target))).toEqual([]);
  });

  test.each(listPages())("by a name has a target in %s", (page) => {
    const words = withoutCode(page);
    const names = [...words.matchAll(/\]\[([^\]]+)\]/g)].map(([, name = ""]) => name);
    expect(names.filter((name) => !words.includes(`\n[${name}]: `))).toEqual([]);
  });
});
