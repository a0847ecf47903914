import { LensError } from "@lens/core";

/** Gives back the part of a saved report at `path`, narrowed, or throws `INVALID_REPORT` saying what was expected there. */
export type Reader<T> = (value: unknown, path: string) => T;

type Fields = Readonly<Record<string, unknown>>;

const MOST_SHOWN_CHARS = 40;

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  const scalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return scalar ? `\`${String(value).slice(0, MOST_SHOWN_CHARS)}\`` : "an object";
}

function refuse(path: string, expected: string, value: unknown): never {
  throw new LensError("INVALID_REPORT", `Expected \`${path}\` of the report to be ${expected}, got ${shown(value)}.`);
}

function fieldsOf(value: unknown, path: string): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : refuse(path, "an object", value);
}

/** Any text. */
export const text: Reader<string> = (value, path) => (typeof value === "string" ? value : refuse(path, "a text", value));

/** True or false. */
export const flag: Reader<boolean> = (value, path) => (typeof value === "boolean" ? value : refuse(path, "true or false", value));

/** A number that is neither NaN nor infinite. JSON has no others, but a report need not come from JSON. */
export const finite: Reader<number> = (value, path) =>
  typeof value === "number" && Number.isFinite(value) ? value : refuse(path, "a number", value);

/** A whole number from 0 up that is exact. */
export const count: Reader<number> = (value, path) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : refuse(path, "a whole number from 0 up", value);

/** Null, or what `read` takes. */
export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null ? null : read(value, path));
}

/** Exactly this word, or one of these. */
export function oneOf<const T extends string | number>(words: readonly T[]): Reader<T> {
  return (value, path) => words.find((word) => word === value) ?? refuse(path, words.join(" or "), value);
}

/** A list of what `read` takes. */
export function list<T>(read: Reader<T>): Reader<readonly T[]> {
  return (value, path) =>
    Array.isArray(value) ? value.map((entry, index) => read(entry, `${path}[${index}]`)) : refuse(path, "a list", value);
}

/** An object whose values `read` takes, whatever their names. */
export function table<T>(read: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, path) => {
    const entries = Object.entries(fieldsOf(value, path));
    return Object.fromEntries(entries.map(([name, entry]) => [name, read(entry, `${path}.${name.slice(0, MOST_SHOWN_CHARS)}`)]));
  };
}

/**
 * An object of these fields, in the order in which they came, so that writing what was read gives the same text; others are left out. The compiler sees to
 * it that no field of `T` is forgotten.
 */
export function object<T>(fields: { readonly [Name in keyof T]-?: Reader<T[Name]> }): Reader<T> {
  const readers = Object.entries(fields) as readonly (readonly [string, Reader<unknown>])[];
  return (value, path) => {
    const given = fieldsOf(value, path);
    const found = new Map(readers.map(([name, read]) => [name, read(given[name], path === "" ? name : `${path}.${name}`)]));
    return Object.fromEntries(Object.keys(given).flatMap((name) => (found.has(name) ? [[name, found.get(name)]] : []))) as T;
  };
}
