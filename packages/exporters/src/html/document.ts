import { createHash } from "node:crypto";
import { text as script } from "./client/main.ts?bundled";
import { html, jsonForScript, type Markup, ownCode } from "./markup.ts";
import { shortText } from "./names.ts";
import { type Section, showSection } from "./section.ts";
import { text as style } from "./style.css?bundled";

/** What a page is made of. */
export interface Page {
  /** Of the window. */
  readonly title: string;
  readonly header: Markup;
  readonly sections: readonly Section[];
  /** What made it. */
  readonly tool: { readonly name: string; readonly version: string };
}

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M2 13h2V9H2zm5 0h2V3H7zm5 0h2V6h-2z' fill='%230072b2'/%3E%3C/svg%3E";

/** `'sha256-…'`, by which a page names the one script, or style sheet, that may act in it. */
const sourceOf = (code: string): string => `'sha256-${createHash("sha256").update(code).digest("base64")}'`;

/** Nothing is loaded, nothing is sent, and of all scripts and styles only our own act: not even one that a name managed to smuggle in. */
const policyOf = (): string =>
  [
    "default-src 'none'",
    `script-src ${sourceOf(script)}`,
    `style-src ${sourceOf(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");

/** An element whose text is code, not words: nothing in it is escaped, and nothing may be added, lest its hash be another. */
const codeElement = (tag: "script" | "style", code: Markup, attributes = ""): Markup => ({
  markup: `<${tag}${attributes}>${code.markup}</${tag}>`,
});

/** The whole page in one file, which needs nothing beside it. It ends with a line break. */
export function renderPage({ title, header, sections, tool }: Page): string {
  const charts = sections.flatMap((section) => section.charts);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${{ markup: policyOf() }}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="${tool.name} ${tool.version}" />
        <meta name="referrer" content="no-referrer" />
        <title>${shortText(title)}</title>
        <link rel="icon" href="${{ markup: ICON }}" />
        ${codeElement("style", ownCode(style))}
      </head>
      <body>
        <nav aria-label="Contents">${sections.map((section) => html`<a href="#${section.id}">${section.title}</a>`)}</nav>
        ${header}
        <main>
          <p class="unscripted faint">Without scripts there are no charts; their figures are in the tables.</p>
          ${sections.map(showSection)}
        </main>
        <footer>${tool.name} ${tool.version} · charts drawn by uPlot · this file loads nothing and sends nothing</footer>
        ${codeElement("script", jsonForScript(charts), ' type="application/json" id="charts"')} ${codeElement("script", ownCode(script))}
      </body>
    </html>`;
  return `${page.markup}\n`;
}
