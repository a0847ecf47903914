import { createHash, randomInt } from "node:crypto";
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { LensError } from "@lens/core";
import {
  type Asked,
  type CacheSpec,
  fillTemplate,
  type FileSpec,
  formatOf,
  isInstalled,
  type LengthSpec,
  openPromptSource,
  parseLength,
  type PreparedPrompt,
  type Prompt,
  type PromptDefaults,
  type TokenizerName,
  type WorkloadSpec,
} from "@lens/workloads";
import type { ResolvedSettings } from "./config.ts";
import { DEFAULT_SEED } from "./defaults.ts";
import { fileError } from "./files.ts";
import type { Io } from "./io.ts";
import { promptFingerprint, readPrompt } from "./prompt.ts";
import { isTraced, planTrace } from "./trace-plan.ts";

/** What the settings ask of the model. */
export interface PlannedWorkload {
  readonly spec: WorkloadSpec;
  /** What its chances, and those of the load, are drawn from. */
  readonly seed: number;
  /** Whether chance has a part in the prompts. */
  readonly isRandom: boolean;
  /** What is asked first. */
  readonly first: PreparedPrompt;
  /** As long a prompt as may come, with as high a limit on its answer. */
  readonly longest: Prompt;
  /** Tells two workloads apart without telling what they say. */
  readonly fingerprint: { readonly sha256: string; readonly chars: number };
  /** What a reader of the report should know. */
  readonly notes: readonly string[];
}

/**
 * Reads what the settings ask, and looks through all of it. Throws `FILE_FAILED`, and `INVALID_ARGUMENT` for what makes no sense, alone or together, for an
 * empty set, and for a broken entry, naming its line.
 */
export async function planWorkload(settings: ResolvedSettings, io: Io): Promise<PlannedWorkload> {
  checkTogether(settings);
  const spec = await specOf(settings, io);
  const seed = seedOf(settings, spec);
  const source = await openPromptSource(spec, { seed });
  try {
    const first = await source.next({ index: 0, phase: "measured", target: 0, turn: 0, ...(await placeOf(spec, settings, io)) });
    const { skipped = 0, longest = first.prompt } = source;
    return {
      spec,
      seed,
      isRandom: isRandom(spec),
      first,
      longest,
      fingerprint: await fingerprintOf(spec, first.prompt),
      notes:
        skipped === 0
          ? []
          : [`${skipped === 1 ? "1 broken entry was" : `${skipped} broken entries were`} left out of \`${settings.promptFile ?? ""}\`.`],
    };
  } finally {
    await source.close();
  }
}

/** What else the first request of a workload is asked for by. */
async function placeOf({ kind }: WorkloadSpec, settings: ResolvedSettings, { cwd }: Io): Promise<Partial<Asked>> {
  if (kind === "conversations") return { conversation: { number: 0, turn: 0 } };
  const row = kind === "trace" ? ((await planTrace(settings, cwd))?.first ?? null) : null;
  return row === null ? {} : { row };
}

/** Options that have no meaning unless another one is there. */
function checkTogether(settings: ResolvedSettings): void {
  const need = (name: string, value: unknown, isThere: boolean, wanted: string): void => {
    if (value !== undefined && !isThere) throw new LensError("INVALID_ARGUMENT", `Expected ${wanted} with \`${name}\`, got none.`);
  };
  const { promptFile, promptFormat, template, order, cache, sharedPrefixTokens, sharedPrefixShare } = settings;
  for (const [name, value] of Object.entries({ "--prompt-format": promptFormat, "--template": template, "--order": order }))
    need(name, value, promptFile !== undefined, "`--prompt-file`");
  need("--cache shared", cache === "shared" ? cache : undefined, sharedPrefixTokens !== undefined, "`--shared-prefix-tokens`");
  need("--shared-prefix-share", sharedPrefixShare, sharedPrefixTokens !== undefined, "`--shared-prefix-tokens`");
  if (sharedPrefixTokens !== undefined && cache !== undefined && cache !== "shared") {
    throw new LensError("INVALID_ARGUMENT", `Expected \`--cache shared\` with \`--shared-prefix-tokens\`, got \`${cache}\`.`);
  }
}

async function specOf(settings: ResolvedSettings, io: Io): Promise<WorkloadSpec> {
  const { promptFile, inputTokens, turns, conversations = false } = settings;
  const making = { tokenizer: await tokenizerOf(settings), outputTokens: readLength(settings, "outputTokens"), ...cacheOf(settings) };
  const lengths = readLength(settings, "inputTokens");
  if (isTraced(settings)) return traceOf(settings, making, io);
  if (turns !== undefined || conversations) return conversationsOf(settings, making, io);
  if (inputTokens !== undefined && lengths !== null)
    return { kind: "synthetic", ...making, inputTokens: lengths, defaults: defaultsOf(settings) };
  if (promptFile !== undefined && promptFile !== "-") return { ...making, ...fileOf(settings, promptFile, io) };
  return { kind: "prompts", ...making, prompts: [await onePrompt(settings, io)] };
}

/** How texts are made, whatever they are of. */
interface Making {
  readonly tokenizer: TokenizerName;
  readonly outputTokens: LengthSpec | null;
  readonly cache?: CacheSpec;
}

async function traceOf(settings: ResolvedSettings, { tokenizer, cache }: Making, io: Io): Promise<WorkloadSpec> {
  if (cache?.kind === "shared")
    throw new LensError("INVALID_ARGUMENT", "Expected `--cache bust` or `--cache as-is` with `--trace` or `--replay`, got `shared`.");
  const otherwise = await onePrompt(settings, io);
  return { kind: "trace", tokenizer, otherwise, defaults: defaultsOf(settings), ...(cache === undefined ? {} : { cache }) };
}

function conversationsOf(settings: ResolvedSettings, { outputTokens, ...text }: Making, io: Io): WorkloadSpec {
  const { turns = 1, promptFile = "" } = settings;
  const inputTokens = readLength(settings, "inputTokens");
  const defaults = defaultsOf(settings);
  if (inputTokens !== null)
    return {
      kind: "conversations",
      ...text,
      from: { kind: "synthetic", turns: parseLength(turns, "`--turns`"), inputTokens, outputTokens },
      defaults,
    };
  const { kind, path, name = path, format, order = "in-turn", onBadLine = "stop" } = fileOf(settings, promptFile, io);
  return { kind: "conversations", ...text, from: { kind, path, name, format, order, onBadLine }, defaults };
}

/** Where nobody says, `gpt` if it is there: it is needed only where lengths are to be met. */
async function tokenizerOf(settings: ResolvedSettings): Promise<TokenizerName> {
  const { tokenizer, inputTokens, sharedPrefixTokens } = settings;
  if (tokenizer !== undefined) return tokenizer;
  const isWanted = inputTokens !== undefined || sharedPrefixTokens !== undefined || isTraced(settings);
  return isWanted && (await isInstalled("gpt")) ? "gpt" : "estimate";
}

function readLength(settings: ResolvedSettings, name: "inputTokens" | "outputTokens"): LengthSpec | null {
  const written = settings[name];
  return written === undefined ? null : parseLength(written, name === "inputTokens" ? "`--input-tokens`" : "`--output-tokens`");
}

function cacheOf({ cache, sharedPrefixTokens, sharedPrefixShare }: ResolvedSettings): { readonly cache?: CacheSpec } {
  if (sharedPrefixTokens !== undefined) {
    return {
      cache: { kind: "shared", prefixTokens: sharedPrefixTokens, ...(sharedPrefixShare === undefined ? {} : { share: sharedPrefixShare }) },
    };
  }
  return cache === undefined || cache === "shared" ? {} : { cache: { kind: cache } };
}

function defaultsOf({ system, maxTokens, temperature, topP }: ResolvedSettings): PromptDefaults {
  return {
    ...(system === undefined ? {} : { system }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
  };
}

function fileOf(settings: ResolvedSettings, promptFile: string, { cwd }: Io): FileSpec {
  const { promptFormat = formatOf(promptFile), template = null, vars = {}, order, badLines } = settings;
  return {
    kind: "file",
    path: resolve(cwd, promptFile),
    name: promptFile,
    format: promptFormat,
    template,
    values: vars,
    ...(order === undefined ? {} : { order }),
    ...(badLines === undefined ? {} : { onBadLine: badLines }),
    defaults: defaultsOf(settings),
  };
}

/** `--prompt`, or what the standard input holds. */
async function onePrompt(settings: ResolvedSettings, io: Io): Promise<Prompt> {
  const { promptFormat = "text", vars = {} } = settings;
  if (promptFormat !== "text")
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected a file for \`--prompt-format ${promptFormat}\`, got the standard input. Save it to a file.`,
    );
  const prompt = await readPrompt(settings, io);
  const messages = prompt.messages.map((message) => {
    if (typeof message.content !== "string") return message;
    const filled = fillTemplate(message.content, vars);
    if ("text" in filled) return { ...message, content: filled.text };
    const name = filled.missing.slice(0, 60);
    throw new LensError("INVALID_ARGUMENT", `Expected a value for \`{{${name}}}\` of the prompt, got none. \`--var ${name}=…\` gives one.`);
  });
  return { ...prompt, messages };
}

/** Whether something of a text is drawn so that no other run has it. */
function isMarked(spec: WorkloadSpec): boolean {
  if (spec.cache !== undefined) return spec.cache.kind !== "as-is";
  return spec.kind === "synthetic" || spec.kind === "trace" || (spec.kind === "conversations" && spec.from.kind === "synthetic");
}

function isRandom(spec: WorkloadSpec): boolean {
  const isDrawn = "outputTokens" in spec && (spec.outputTokens ?? null) !== null && spec.outputTokens?.distribution !== "fixed";
  const { order = "in-turn" } = spec.kind === "file" ? spec : spec.kind === "conversations" && spec.from.kind === "file" ? spec.from : {};
  return isMarked(spec) || isDrawn || spec.kind === "synthetic" || order !== "in-turn";
}

/**
 * A run that is to find nothing in a cache gets a seed of its own, since a server may still have the prompts of the run before. The processes that share a run
 * must be told the same one. Else a run can be repeated without being told.
 */
function seedOf({ seed, shard }: ResolvedSettings, spec: WorkloadSpec): number {
  if (seed !== undefined) return seed;
  if (!isMarked(spec)) return DEFAULT_SEED;
  if (shard !== undefined)
    throw new LensError(
      "INVALID_ARGUMENT",
      "Expected `--seed` with `--shard` where prompts are random, so that all shards send the same run.",
    );
  return randomInt(2 ** 32);
}

async function fingerprintOf(spec: WorkloadSpec, first: Prompt): Promise<PlannedWorkload["fingerprint"]> {
  const own = promptFingerprint(first);
  if (spec.kind === "prompts") return own;
  const hash = createHash("sha256");
  const file = spec.kind === "file" ? spec : spec.kind === "conversations" && spec.from.kind === "file" ? spec.from : null;
  hash.update(JSON.stringify(spec, (key, value: unknown) => (key === "path" || key === "name" ? null : value)));
  if (file !== null) {
    try {
      for await (const chunk of createReadStream(file.path)) hash.update(chunk as Buffer);
    } catch (cause) {
      throw fileError("read", file.path, cause);
    }
  }
  return { sha256: hash.digest("hex").slice(0, 12), chars: own.chars };
}
