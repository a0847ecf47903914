import type { Definition } from "@lens/metrics";
import type { ChartSpec } from "./chart.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { folded } from "./table.ts";

/** A part of a page: its place in the contents, what stands in it, and what its charts are drawn from. */
export interface Section {
  /** What links to it, and unique in a page. */
  readonly id: string;
  readonly title: string;
  readonly body: Content;
  readonly charts: readonly ChartSpec[];
}

/** The definitions that a document carries, by the name of the metric. */
export type Definitions = Readonly<Record<string, Definition>>;

/** The definition of a metric, to be shown when one points at its name. */
export const hintOf = (definitions: Definitions, metric: string): string | undefined => definitions[metric]?.definition;

/** The definition of a metric, to be unfolded beneath its title. Nothing for one that the document does not define. */
export function definitionOf(definitions: Definitions, metric: string): Content {
  const definition = hintOf(definitions, metric);
  return definition === undefined ? null : folded("Definition", html`<p>${definition}</p>`);
}

/** The section under its title. */
export const showSection = ({ id, title, body }: Section): Markup =>
  html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${body}
  </section> `;
