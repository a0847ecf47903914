// @ts-check
/** As which anchor GitHub shows a heading, were it the only one of its name. @param {string} heading */
const anchorOf = (heading) =>
  heading
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-");

/** A page without its fenced blocks, in which nothing is a heading or a link. @param {string} text */
export const proseOf = (text) => text.replaceAll(/^( *)```[^]*?^\1```$/gm, "");

/** The anchors of a page of Markdown. @param {string} text @returns {ReadonlySet<string>} */
export function anchorsOf(text) {
  const anchors = new Set([...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = ""]) => id));
  for (const [, heading = ""] of proseOf(text).matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = anchorOf(heading);
    let name = anchor;
    for (let before = 1; anchors.has(name); before += 1) name = `${anchor}-${before}`;
    anchors.add(name);
  }
  return anchors;
}
