import { createHash } from "node:crypto";
import { LensError } from "@lens/core";
import type { PromptMessage, PromptRequest } from "@lens/providers";
import type { ResolvedSettings } from "./config.ts";
import { readTextFile } from "./files.ts";
import type { Io } from "./io.ts";

/** The prompt, without the model that it goes to. */
export type Prompt = Omit<PromptRequest, "model">;

/** What is to be asked: `--prompt`, or the text of `--prompt-file`. Throws `FILE_FAILED`, and `INVALID_ARGUMENT` for an empty file. */
export async function readPrompt(settings: ResolvedSettings, io: Io): Promise<Prompt> {
  const { promptFile, system, maxTokens, temperature, topP } = settings;
  const text = promptFile === undefined ? settings.prompt : await readPromptFile(promptFile, io);
  const messages: PromptMessage[] = system === undefined ? [] : [{ role: "system", content: system }];
  messages.push({ role: "user", content: text });
  return {
    messages,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
  };
}

async function readPromptFile(path: string, io: Io): Promise<string> {
  const text = path === "-" ? await io.readStdin() : await readTextFile(path, io.cwd);
  if (text.trim() === "") throw new LensError("INVALID_ARGUMENT", `Expected a prompt in \`${path}\`, got nothing.`);
  return text;
}

/** Tells two prompts apart without telling what they say. */
export function promptFingerprint(prompt: Prompt): { readonly sha256: string; readonly chars: number } {
  const text = JSON.stringify(prompt.messages);
  const chars = prompt.messages.reduce((sum, message) => sum + (typeof message.content === "string" ? message.content.length : 0), 0);
  return { sha256: createHash("sha256").update(text).digest("hex").slice(0, 12), chars };
}
