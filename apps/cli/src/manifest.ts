import type { RunManifest, RunMode, ShardSet } from "@lens/metrics";
import { version } from "../package.json";
import type { Io } from "./io.ts";
import { shownSetting } from "./secrets.ts";

/** The name and version under which reports are made. */
export const TOOL = { name: "llm-latency-lens", version } as const;

/** What ran, for the manifest. */
export interface Run {
  readonly command: "benchmark" | "run" | "compare" | "profile";
  readonly mode: RunMode;
  readonly startedAtMs: number;
  readonly durationNs: number;
  readonly interrupted: boolean;
  /** Which part of a shared run it was; left out where it was not shared. */
  readonly shards?: ShardSet;
  /** Null where nothing was random. */
  readonly seed: number | null;
  readonly targets: readonly string[];
  /** The settings in force. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Tells what was asked from other things. */
  readonly prompt: { readonly sha256: string; readonly chars: number };
}

/** Settings that a manifest leaves out: what is said elsewhere in it or by the prompt's hash, what is shown, and what other commands use. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "targets",
  "scenarios",
  "records",
  "simTruth",
  "format",
  "output",
  "json",
  "explain",
  "force",
  "stepSummary",
  "otlpEndpoint",
  "semconv",
  "interval",
  "jitter",
  "probes",
  "maxCostPerDay",
  "listen",
  "tokenFile",
  "state",
  "pushgateway",
  "quiet",
  "verbose",
  "yes",
  "strict",
  "thresholds",
  "abortOnFail",
  "color",
  "shard",
  "startAt",
  "prompt",
  "promptFile",
  "template",
  "vars",
]);

/** The manifest of a run. It tells prompts apart by a hash, and holds no secret. */
export function createManifest(run: Run, io: Io): RunManifest {
  const { command, mode, startedAtMs, durationNs, interrupted, shards = null, seed, targets, settings, prompt } = run;
  const options: Record<string, string | number | boolean | null> = { promptSha256: prompt.sha256, promptChars: prompt.chars };
  for (const [name, value] of Object.entries(settings)) {
    if (!LEFT_OUT.has(name) && value !== undefined) options[name] = flat(shownSetting(name, value));
  }
  return {
    startedAtMs,
    durationNs,
    mode,
    command: `lens ${command} ${targets.join(" ")}`,
    seed,
    options,
    versions: { lens: version, node: io.nodeVersion },
    machine: io.machine,
    interrupted,
    shards,
  };
}

function flat(value: unknown): string | number | boolean {
  return typeof value === "number" || typeof value === "boolean" || typeof value === "string" ? value : JSON.stringify(value);
}
