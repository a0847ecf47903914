import type { CommandName } from "./command-table.ts";

/** A flag as it was typed: text, several texts where it may be repeated, or a switch. */
export type FlagValue = string | boolean | readonly string[];

/** The flags that were typed, by name. */
export type Flags = Readonly<Record<string, FlagValue | undefined>>;

/** How the text of a flag or an environment variable is read before the schema judges it. */
export type OptionKind = "text" | "number" | "switch" | "list" | "headers" | "values";

/** One option: a flag, an environment variable and a key of the configuration file at once. */
export interface Option {
  readonly kind: OptionKind;
  readonly describe: string;
  /** Completes "Expected … to be". */
  readonly expected: string;
  /** Stands for the value in the help. */
  readonly placeholder?: string;
  readonly aliases?: readonly string[];
  readonly group: "Target" | "Prompt" | "Load" | "Arrivals" | "Limits" | "Thresholds" | "Comparison" | "Monitor" | "Output" | "Other";
  readonly commands: readonly CommandName[];
  /** Where the flag has another name than the key. */
  readonly flag?: string;
}

/** What a duration is to be, for messages. */
export const DURATION = "milliseconds or a duration such as 500ms, 30s or 5m, more than 0";
