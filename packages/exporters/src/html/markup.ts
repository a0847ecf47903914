import { printable } from "../terminal-text.ts";

/** HTML that may go into a page as it is. Only `html` makes it, and what it is given from outside stands in it as text. */
export interface Markup {
  readonly markup: string;
}

/** What can stand in HTML: text, which is escaped, HTML, several of them, or nothing. */
export type Content = string | number | null | Markup | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const NEVER_IN_SCRIPTS = /[<>&\u2028\u2029]/g;

/** Text made fit for HTML, between tags as well as in quotes: no tag, no entity, and no character that is not seen. */
const escapeText = (text: string): string => printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");

function markupOf(content: Content): string {
  if (content === null) return "";
  if (typeof content === "string" || typeof content === "number") return escapeText(String(content));
  return "markup" in content ? content.markup : content.map(markupOf).join("");
}

/** HTML with values in it. Attributes that hold one must be quoted. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  // The indentation is that of our sources.
  const plain = parts.map((part) => part.replace(/\s*\n\s*/g, "\n"));
  return { markup: plain.reduce((text, part, index) => text + markupOf(values[index - 1] ?? null) + part) };
}

/** JSON to stand between script tags: no text in it can end the script. Numbers that are none become null. */
export function jsonForScript(value: unknown): Markup {
  const escapeOne = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return { markup: JSON.stringify(value).replace(NEVER_IN_SCRIPTS, escapeOne) };
}

/** A script or style sheet of our own, as it is. Throws for one that would end its own element, which is a bug. */
export function ownCode(text: string): Markup {
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error("Expected a script or style sheet that does not end itself.");
  return { markup: text };
}
