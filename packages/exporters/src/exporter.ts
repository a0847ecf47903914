import type { RequestRecord } from "@lens/core";
import type { PriceBook, Report } from "@lens/metrics";
import type { SemanticConvention } from "./otel-metrics.ts";

/** How a report is shown. An exporter leaves alone what does not concern it. */
export interface RenderOptions {
  /** Colours for a terminal; off unless set. */
  readonly color?: boolean;
  /** Each metric's definition beside it; off unless set. */
  readonly explain?: boolean;
  /** The names of OpenTelemetry's metrics; `latest` unless set. */
  readonly semconv?: SemanticConvention;
  /** Requests behind the report, some or all of them, for a format that shows single ones; none unless given. */
  readonly records?: Iterable<RequestRecord>;
}

/** A part of a text that is whole by itself. */
export interface TextPart {
  /** What tells it from the others, such as a target and a metric: as it came, and so not fit for the name of a file. */
  readonly names: readonly string[];
  readonly text: string;
}

/** Turns a report, or another document, into text. Pure: what is done with the text is the caller's affair. */
export interface Exporter<Document = Report> {
  /** The word that chooses it, as in `--format json`. */
  readonly id: string;
  /** Of a file that holds the text, without the dot. */
  readonly extension: string;
  /** The text, which ends with a line break. A promise where a large part is loaded first, which those who do not need it are spared. */
  render(document: Document, options?: RenderOptions): string | Promise<string>;
  /** The parts of the text, in a format that wants each in a file of its own; absent in others. */
  parts?(document: Document): readonly TextPart[];
}

/** An exporter that has all it needs at hand. */
export interface SyncExporter<Document = Report> extends Exporter<Document> {
  render(document: Document, options?: RenderOptions): string;
}

/** What is known of records beside themselves. */
export interface RecordOptions {
  /** Says what each request cost; nothing is priced without one. */
  readonly priceBook?: PriceBook | null;
}

/** A text of records in the making. */
export interface RecordText {
  /** What stands before the first record; empty where nothing does. */
  readonly head: string;
  /** What a record is in it, with a line break at the end. */
  line(record: RequestRecord): string;
}

/** Turns the records of requests into text, one after the other, so that a run of any length fits into memory. */
export interface RecordExporter {
  /** The word that chooses it, as in `--format jsonl`. */
  readonly id: string;
  /** Of a file that holds the text, without the dot. */
  readonly extension: string;
  /** Begins a text. A promise as in `Exporter.render`. */
  open(options?: RecordOptions): RecordText | Promise<RecordText>;
}
