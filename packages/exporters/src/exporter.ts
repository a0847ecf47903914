import type { Report } from "@lens/metrics";

/** How a report is shown. An exporter leaves alone what does not concern it. */
export interface RenderOptions {
  /** Colours for a terminal; off unless set. */
  readonly color?: boolean;
  /** Each metric's definition beside it; off unless set. */
  readonly explain?: boolean;
}

/** Turns a report, or another document, into text. Pure: what is done with the text is the caller's affair. */
export interface Exporter<Document = Report> {
  /** The word that chooses it, as in `--format json`. */
  readonly id: string;
  /** Of a file that holds the text, without the dot. */
  readonly extension: string;
  /** The text, which ends with a line break. */
  render(document: Document, options?: RenderOptions): string;
}
