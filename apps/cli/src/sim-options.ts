/** One option of `lens sim`. */
export interface SimOption {
  readonly flag: string;
  /** Stands for the value in the help; none for a switch. */
  readonly placeholder?: string;
  readonly describe: string;
}

/** The options of `lens sim`, in the order of its help. */
export const SIM_OPTIONS = [
  { flag: "port", placeholder: "N", describe: "Port to listen on; 0 takes a free one" },
  { flag: "host", placeholder: "ADDRESS", describe: "Address to listen on" },
  { flag: "ttft", placeholder: "TIME", describe: "Time to first token: 200ms, lognormal:200ms,0.3 or a list 100ms,300ms" },
  { flag: "drift", placeholder: "SHARE/TIME", describe: "Let the time to first token rise by so much over so long: 50%/30s" },
  { flag: "gap", placeholder: "TIME", describe: "Time between chunks, in the same forms" },
  { flag: "tokens", placeholder: "N", describe: "Output tokens: 100, lognormal:100,0.3 or a list 10,100" },
  { flag: "tokens-per-chunk", placeholder: "N", describe: "Tokens that a chunk carries, in the same forms" },
  { flag: "reasoning-tokens", placeholder: "N", describe: "Tokens of reasoning before the answer, in the same forms" },
  { flag: "hide-reasoning", describe: "Pass the reasoning in silence" },
  { flag: "tool-calls", placeholder: "N", describe: "Answer with so many tool calls instead of text" },
  { flag: "input-tokens", placeholder: "N", describe: "Input tokens to report" },
  { flag: "slots", placeholder: "N", describe: "Requests served at once; the others wait in line" },
  { flag: "models", placeholder: "NAMES", describe: "The models that exist, by comma; any unless given" },
  { flag: "require-key", describe: "Answer 401 to requests without a key" },
  { flag: "fault", placeholder: "NAME", describe: "Go wrong: NAME or NAME=SHARE, several by comma; `list` lists them" },
  { flag: "fault-share", placeholder: "SHARE", describe: "Share of requests that meet a fault without a share of its own" },
  { flag: "retry-after", placeholder: "TIME", describe: "What fault 429 asks the client to wait" },
  { flag: "seed", placeholder: "N", describe: "Seed of all that is random" },
  { flag: "truth", placeholder: "FILE", describe: "File for the log of the truth, one line a request" },
  { flag: "tls-cert", placeholder: "FILE", describe: "Certificate chain as PEM, to serve https" },
  { flag: "tls-key", placeholder: "FILE", describe: "Private key as PEM" },
  { flag: "until-stdin-ends", describe: "Stop when the standard input ends, for a parent process" },
] as const satisfies readonly SimOption[];

export type SimFlag = (typeof SIM_OPTIONS)[number]["flag"];
