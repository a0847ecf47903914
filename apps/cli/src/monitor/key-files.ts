import { adapters } from "@lens/providers";
import type { ResolvedSettings } from "../config.ts";
import { readTextFile } from "../files.ts";
import type { Io } from "../io.ts";

const SUFFIX = "_FILE";

/**
 * The environment with keys that stand in files, as orchestrators hand them over: where `OPENAI_API_KEY_FILE` names one, its text is `OPENAI_API_KEY`
 * unless that is set itself. Throws `FILE_FAILED` for a file that cannot be read.
 */
export async function withKeyFiles({ apiKeyEnv, targets = [] }: ResolvedSettings, io: Io): Promise<Io["env"]> {
  const own = targets.flatMap((target) => (typeof target === "string" ? [] : (target.apiKeyEnv ?? [])));
  const names = new Set([...adapters.flatMap((adapter) => adapter.apiKeyEnv), ...own, ...(apiKeyEnv === undefined ? [] : [apiKeyEnv])]);
  const env: Record<string, string | undefined> = { ...io.env };
  for (const name of names) {
    const path = io.env[`${name}${SUFFIX}`] ?? "";
    if (path !== "" && (env[name] ?? "") === "") env[name] = (await readTextFile(path, io.cwd)).trim();
  }
  return env;
}
