import type { Fields } from "./dialect.ts";

/** Keys whose strings are no part of the prompt. */
const NOT_PROMPT = new Set(["role", "type", "id", "name", "cache_control", "tool_call_id", "call_id"]);
const LONGEST_MODEL_NAME = 256;

/** The value if it is a JSON object, and null otherwise. */
export function asFields(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** The first of the values that is a whole number from 0 up; null where none is. */
export function firstCount(...values: readonly unknown[]): number | null {
  for (const value of values) if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  return null;
}

/** A model's name fit to be sent back, or null. */
export function modelName(value: unknown): string | null {
  return typeof value === "string" && value !== "" && value.length <= LONGEST_MODEL_NAME ? value : null;
}

/** All text anywhere in a prompt, in the order in which it stands. A loop of its own, since a hostile prompt may be nested without end. */
export function textOf(...prompts: readonly unknown[]): string {
  const texts: string[] = [];
  const open: unknown[] = prompts.toReversed();
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === "string") texts.push(value);
    else if (Array.isArray(value)) for (const entry of value.toReversed()) open.push(entry);
    else if (typeof value === "object" && value !== null)
      for (const [key, entry] of Object.entries(value).toReversed()) if (!NOT_PROMPT.has(key)) open.push(entry);
  }
  return texts.join("");
}
