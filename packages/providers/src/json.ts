/** A JSON object whose fields nobody has vouched for. */
export type JsonObject = Readonly<Record<string, unknown>>;

const NO_ITEMS: readonly unknown[] = [];

/** What the text says in JSON; undefined, which JSON cannot say, when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value as an object; null when it is anything else. */
export function asObject(value: unknown): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** The value as a list; empty when it is anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NO_ITEMS;
}

/** The value as text with something in it; null when it is empty or anything else. */
export function asText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** The value as a finite number from 0 up; null when it is anything else. */
export function asAmount(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

/** Seconds as milliseconds, kept to the nanosecond so that the conversion adds no digits of its own. */
export function secondsToMs(value: unknown): number | null {
  const seconds = asAmount(value);
  return seconds === null ? null : Math.round(seconds * 1e9) / 1e6;
}

/** Copies `patch` over `target` as a JSON Merge Patch (RFC 7396): objects merge, null takes a field out, all else replaces. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const fields = asObject(value);
    if (value === null) delete merged[key];
    else merged[key] = fields === null ? value : mergePatch(asObject(merged[key]) ?? {}, fields);
  }
  return merged;
}
