import type { Clock } from "@lens/core";
import { formatInstant } from "@lens/exporters";

const LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LEVELS)[number];

type Fields = Readonly<Record<string, unknown>>;

/** What a service says of itself: one JSON object a line. */
export interface Log extends Readonly<Record<LogLevel, (message: string, fields?: Fields) => void>> {
  /** From now on these words are never written. */
  conceal(secrets: Iterable<string>): void;
  /** Text as it may be shown: with what is to be concealed taken out. */
  concealed(text: string): string;
}

export interface LogOptions {
  readonly clock: Pick<Clock, "epochMs">;
  readonly write: (line: string) => void;
  /** What is below is left out. */
  readonly least: LogLevel;
}

/** Shorter ones would take letters out of words. */
const SHORTEST_SECRET = 4;
const CONCEALED = "[secret]";

/** `2026-11-23T10:00:00.000Z`. */
function isoInstant(atMs: number): string {
  const [date = "", time = ""] = formatInstant(atMs).split(" ");
  return `${date}T${time}.${String(Math.floor(atMs) % 1000).padStart(3, "0")}Z`;
}

/** Starts a log. */
export function createLog({ clock, write, least }: LogOptions): Log {
  const secrets = new Set<string>();
  const concealed = (text: string): string => [...secrets].reduce((kept, secret) => kept.replaceAll(secret, CONCEALED), text);
  const at =
    (level: LogLevel) =>
    (message: string, fields: Fields = {}): void => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
      const entry = { time: isoInstant(clock.epochMs()), level, message, ...fields };
      write(`${JSON.stringify(entry, (_key, value: unknown) => (typeof value === "string" ? concealed(value) : value))}\n`);
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    concealed,
    conceal(words) {
      for (const word of words) if (word.length >= SHORTEST_SECRET) secrets.add(word);
    },
  };
}
