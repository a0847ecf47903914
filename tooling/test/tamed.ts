import { adapters } from "@lens/providers";
import { COMMANDS, type CommandName, LOADING, REQUESTING } from "../../apps/cli/src/command-table.ts";

/** Where commands are sent in place of what they name. */
export interface Servers {
  /** A simulator of every provider. */
  readonly modelsUrl: string;
  /** Takes whatever it is sent. */
  readonly sinkUrl: string;
  /** The monitor that the page has started; null where it has not. */
  readonly monitorAddress: string | null;
}

/** What takes its time, in a form that does not. */
const SPAN = "100ms";
/** Enough for a p95; and for what is judged, some more. */
const MOST_REQUESTS = 20;
const MOST_JUDGED = 40;
const LEAST_RATE = 100;
const shortSpans = (text: string): string => text.replaceAll(/\d+(?:\.\d+)?(?:ms|min|s|m|h)\b/g, "50ms");
/** Levels from one to its double. */
const fewLevels = (levels: string): string => levels.replaceAll(/(\d+)\.\.\d+/g, (_, least: string) => `${least}..${2 * Number(least)}`);
const fast = (rate: string): string => (Number(rate) < LEAST_RATE ? String(LEAST_RATE) : fewLevels(rate));

const SHORTER: Readonly<Record<string, (value: string) => string>> = {
  "--duration": () => SPAN,
  "-d": () => SPAN,
  "--stages": shortSpans,
  "--warmup": shortSpans,
  "--drain": shortSpans,
  "--think-time": () => "1ms",
  "--start-at": () => "+500ms",
  "--rate": fast,
  "--concurrency": fewLevels,
  "-c": fewLevels,
  "--rpm": () => "100000",
  "--tpm": () => "100000000",
  "--streams": () => "1,4",
};

/** Whether a text names a provider that is not on this machine. */
export const isForeign = (text: string): boolean => adapters.some(({ id }) => new RegExp(`(?:^|["'\\s])${id}:\\S`).test(text));

/** What the program calls a command that a page calls by any of its names; null for what is none, such as `--version`. */
export function commandNamed(word: string): CommandName | null {
  const names = Object.keys(COMMANDS) as CommandName[];
  return names.find((name) => name === word || (COMMANDS[name].aliases as readonly string[]).includes(word)) ?? null;
}

export interface Taming {
  readonly servers: Servers;
  /** Whether the targets, on the command line or in a file, are of others. */
  readonly foreign: boolean;
  /** Whether as many requests are to be sent as the page says, since it says what came of them. */
  readonly exact: boolean;
}

/** A command as it stands on a page, but sent to servers of this machine, over in a moment, and on a free port. */
export function tame(written: readonly string[], { servers, foreign, exact }: Taming): readonly string[] {
  const { modelsUrl, sinkUrl, monitorAddress } = servers;
  const command = commandNamed(written[0] ?? "");
  if (command === null) return written;
  const split = written.flatMap((word) => /^(--[\w-]+)=(.*)$/s.exec(word)?.slice(1) ?? [word]);
  const has = (...flags: readonly string[]): boolean => flags.some((flag) => split.includes(flag));
  const isJudged = has("--threshold", "--abort-on-fail");
  const isCounted = has("-n", "--requests", "-d", "--duration", "--stages", "--timestamps", "--trace", "--replay", "--search");
  const listen = command === "healthcheck" ? (monitorAddress ?? "127.0.0.1:9464") : "127.0.0.1:0";
  const elsewhere: Readonly<Record<string, string>> = {
    "--base-url": modelsUrl,
    "--otlp-endpoint": sinkUrl,
    "--pushgateway": sinkUrl,
    "--port": "0",
    "--listen": listen,
  };
  const args = split.map((word, index) => {
    const flag = split[index - 1] ?? "";
    if (["-n", "--requests"].includes(flag) && !exact) return String(Math.min(Number(word), isJudged ? MOST_JUDGED : MOST_REQUESTS));
    return elsewhere[flag] ?? SHORTER[flag]?.(word) ?? word;
  });
  const added: (readonly string[])[] = [];
  if (foreign && REQUESTING.includes(command) && !has("--base-url", "--resume", "--manifest")) added.push(["--base-url", modelsUrl]);
  if ((command === "monitor" || command === "healthcheck") && !has("--listen") && written[1]?.startsWith("http") !== true)
    added.push(["--listen", listen]);
  if (command === "sim" && !has("--port")) added.push(["--port", "0"]);
  if (command === "selftest" && !has("--duration")) added.push(["--duration", SPAN]);
  if (command === "selftest" && !has("--streams")) added.push(["--streams", "1,4"]);
  if (command === "compare" && !has("--resamples")) added.push(["--resamples", "200"]);
  if (LOADING.includes(command) && has("--search") && !has("--duration", "-d", "--requests", "-n")) added.push(["--duration", SPAN]);
  if (command === "benchmark" && !isCounted && !exact) added.push(["-n", String(isJudged ? MOST_JUDGED : MOST_REQUESTS)]);
  return [...args, ...added.flat()];
}

/** The same of a configuration file. */
export function tameSettings(text: string, { modelsUrl }: Servers): string {
  return text
    .replaceAll(/https?:\/\/[^\s"'}]+/g, modelsUrl)
    .replaceAll(/(?<=\bduration: )[\w.]+/g, SPAN)
    .replaceAll(/(?<=\brequests: )\d+/g, "20")
    .replaceAll(/(?<=\brate: )\d+/g, fast);
}
