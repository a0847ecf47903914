import type { Prompt, PromptDefaults } from "./spec.ts";

/** A prompt with what it leaves open filled in. The system prompt comes first, unless the prompt brings one. */
export function withDefaults(prompt: Prompt, { system, ...settings }: PromptDefaults): Prompt {
  const { messages } = prompt;
  const isOpen = system !== undefined && messages.every(({ role }) => role !== "system");
  return { ...settings, ...prompt, messages: isOpen ? [{ role: "system", content: system }, ...messages] : messages };
}
