import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { LensError } from "@lens/core";
import { type Loader, lilconfig } from "lilconfig";
import { fileError } from "./files.ts";

/** A configuration file as it was found, not yet checked. */
export interface ConfigFile {
  readonly path: string;
  /** Its name for messages. */
  readonly name: string;
  readonly content: unknown;
}

export interface ConfigFileOptions {
  /** The file to read; null looks for `lens.config.*` from `cwd` upwards. */
  readonly path: string | null;
  readonly cwd: string;
  readonly stripsTypes: boolean;
  readonly nodeVersion: string;
}

const EXTENSIONS = ["yaml", "yml", "json", "js", "mjs", "cjs", "ts", "mts"] as const;

/** Finds and reads the configuration file; null where there is none. Throws `FILE_FAILED` and `INVALID_CONFIG`. */
export async function readConfigFile(options: ConfigFileOptions): Promise<ConfigFile | null> {
  const { path, cwd } = options;
  const loaders = createLoaders(options);
  const finder = lilconfig("lens", { searchPlaces: EXTENSIONS.map((extension) => `lens.config.${extension}`), loaders, cache: false });
  if (path !== null && !Object.hasOwn(loaders, extname(path))) {
    throw new LensError(
      "INVALID_CONFIG",
      `Expected the configuration file to end in ${EXTENSIONS.map((extension) => `.${extension}`).join(", ")}, got \`${path}\`.`,
    );
  }
  const found =
    path === null
      ? await finder.search(cwd)
      : await finder.load(resolve(cwd, path)).catch((cause: unknown) => rethrowUnreadable(cause, path));
  if (found === null) return null;
  return { path: found.filepath, name: basename(found.filepath), content: found.isEmpty === true ? {} : found.config };
}

function rethrowUnreadable(cause: unknown, path: string): never {
  if (cause instanceof LensError) throw cause;
  throw fileError("read the configuration file", path, cause);
}

function createLoaders({ stripsTypes, nodeVersion }: ConfigFileOptions): Record<string, Loader> {
  const parsed =
    (parse: (text: string) => unknown): Loader =>
    (path, text) =>
      readAs(path, async () => parse(text));
  const imported: Loader = (path) => readAs(path, () => importDefault(path));
  const typed: Loader = (path, text) => {
    if (stripsTypes) return imported(path, text);
    throw new LensError(
      "INVALID_CONFIG",
      `Cannot read \`${basename(path)}\`: Node ${nodeVersion} does not import TypeScript (22.18 and later do). Name it lens.config.mjs, or use YAML.`,
    );
  };
  const yaml: Loader = async (path, text) => {
    const { parse } = await import("yaml");
    return readAs(path, async () => parse(text) as unknown);
  };
  const json = parsed(JSON.parse);
  return { ".yaml": yaml, ".yml": yaml, ".json": json, ".js": imported, ".mjs": imported, ".cjs": imported, ".ts": typed, ".mts": typed };
}

async function importDefault(path: string): Promise<unknown> {
  const loaded = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  return loaded.default;
}

async function readAs(path: string, read: () => Promise<unknown>): Promise<unknown> {
  try {
    return await read();
  } catch (cause) {
    throw new LensError("INVALID_CONFIG", `Cannot read \`${basename(path)}\`: ${firstLine(cause)}`, { cause });
  }
}

function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split("\n")[0]?.replace(/:$/, ".") ?? "";
}
