import { type Content, html, type Markup } from "./markup.ts";

/** A column of a table. */
export interface Column {
  readonly title: Content;
  /** Shown when one points at the title, such as a definition. */
  readonly hint?: string | undefined;
  /** Words stand on the left, figures on the right. */
  readonly words?: boolean;
  /** A drawing fills its cell. */
  readonly drawing?: boolean;
}

/** A table whose first cell of each row names the row. */
export interface Table {
  /** What it holds, for those who do not see where it stands. */
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Content[])[];
}

function kindOf(column: Column | undefined): string {
  if (column?.drawing === true) return "drawing";
  return column?.words === true ? "words" : "number";
}

function showRow([name = null, ...cells]: readonly Content[], [, ...columns]: readonly Column[]): Markup {
  return html`<tr>
    <th scope="row">${name}</th>
    ${cells.map((cell, index) => html`<td class="${kindOf(columns[index])}">${cell}</td>`)}
  </tr> `;
}

/** A table that scrolls by itself where it is wider than the page, by keyboard too. */
export function table({ caption, columns, rows }: Table): Markup {
  const heads = columns.map(({ title, hint, words, drawing }, index) => {
    const content = hint === undefined ? title : html`<abbr title="${hint}">${title}</abbr>`;
    return html`<th scope="col" class="${index === 0 || words === true || drawing === true ? "words" : "number"}">${content}</th>`;
  });
  return html`<div class="wide" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => showRow(row, columns))}
      </tbody>
    </table>
  </div> `;
}

/** Names with what they are, in two columns; those that are nothing are left out. */
export function facts(pairs: readonly (readonly [Content, Content])[]): Markup {
  const known = pairs.filter(([, value]) => value !== null && value !== "");
  return html`<dl class="facts">
    ${known.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

/** What is there for those who ask for it. */
export const folded = (summary: Content, content: Content): Markup =>
  html`<details>
    <summary>${summary}</summary>
    ${content}
  </details>`;
