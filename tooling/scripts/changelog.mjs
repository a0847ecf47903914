// @ts-check
/** The changelog of the whole, from those that changesets writes for each package: all share one version, and most changes are of several. */

const KINDS = ["Major", "Minor", "Patch"];

const HEAD = `# Changelog

What each version brought to those who use the program or a library; all of them share one version. What is merged but not released stands in
[.changeset](.changeset), a file for each change. Raising the versions writes this page (\`npm run version-packages\`).
`;

/** Takes a page apart at its headings of one level. @param {string} text @param {string} mark @returns {[title: string, body: string][]} */
function sectionsOf(text, mark) {
  const [, ...parts] = `\n${text}`.split(`\n${mark} `);
  return parts.map((part) => {
    const end = part.indexOf("\n");
    return end < 0 ? [part.trim(), ""] : [part.slice(0, end).trim(), part.slice(end)];
  });
}

/** What was changed, without the commit that did it, and without what only follows from another change. @param {string} body @returns {string[]} */
const entriesOf = (body) =>
  `\n${body}`
    .split("\n- ")
    .slice(1)
    .map((entry) => entry.replace(/^[0-9a-f]{7,40}: /, "").trim())
    .filter((entry) => !entry.startsWith("Updated dependencies"));

/**
 * Joins the changelogs of packages to one: the versions as they come, newest first, and each change once, under the largest step that it was to any of its
 * packages, with their names.
 * @param {ReadonlyMap<string, string>} pages by the package's name
 */
export function joinChangelogs(pages) {
  /** @type {Map<string, Map<string, { kind: string, names: string[] }>>} */
  const versions = new Map();
  for (const [name, page] of pages) {
    for (const [version, body] of sectionsOf(page, "##")) {
      const changes = versions.get(version) ?? new Map();
      versions.set(version, changes);
      for (const [title, list] of sectionsOf(body, "###")) {
        const kind = title.replace(/ Changes$/, "");
        for (const entry of entriesOf(list)) {
          const change = changes.get(entry) ?? { kind, names: [] };
          const isLarger = KINDS.indexOf(kind) < KINDS.indexOf(change.kind);
          changes.set(entry, { kind: isLarger ? kind : change.kind, names: [...change.names, name] });
        }
      }
    }
  }
  if (versions.size === 0) return `${HEAD}\nNothing is released yet.\n`;
  const newestFirst = [...versions].toSorted(([one], [other]) => other.localeCompare(one, "en", { numeric: true }));
  return newestFirst.reduce((text, [version, changes]) => `${text}\n## ${version}\n${changesOf(changes)}`, HEAD);
}

/** @param {ReadonlyMap<string, { kind: string, names: readonly string[] }>} changes */
function changesOf(changes) {
  return KINDS.map((kind) => {
    const of = [...changes].filter(([, change]) => change.kind === kind);
    const lines = of.map(([entry, { names }]) => `- ${entry} (${names.join(", ")})`);
    return lines.length === 0 ? "" : `\n### ${kind} changes\n\n${lines.join("\n")}\n`;
  }).join("");
}
