/** What XML 1.0 cannot hold in any form, format characters that reverse text, and lone surrogates. */
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\uFFFE\uFFFF]/gu;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text from outside, fit for an attribute or a body: control characters go, line breaks become blanks. */
export function xmlText(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll(FORBIDDEN, "")
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? "");
}

/** An element with its attributes in order, and what stands in it: elements on lines of their own, or text that is escaped already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: readonly string[] | string = [],
): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${xmlText(String(value))}"`);
  const open = `<${name}${words.join("")}`;
  if (typeof content === "string") return content === "" ? `${open}/>` : `${open}>${content}</${name}>`;
  if (content.length === 0) return `${open}/>`;
  const indented = content.map((child) => child.replaceAll(/^/gm, "  "));
  return `${open}>\n${indented.join("\n")}\n</${name}>`;
}
