import type { Credentials } from "@lens/providers";

import { isSecretName } from "@lens/providers";

const MASK = "***";

/** A header whose name speaks of a secret is masked. */
function shownHeader(name: string, value: string): string {
  return isSecretName(name) ? MASK : value;
}

/** What must be shown nowhere of how a target is reached: its key, headers that look secret, and what its URL hides. */
export function secretsOf({ apiKey, headers = {}, baseUrl = "" }: Credentials): readonly string[] {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  const named = [...Object.entries(headers), ...(url?.searchParams ?? [])].filter(([name]) => isSecretName(name));
  return [apiKey ?? "", url?.username ?? "", url?.password ?? "", ...named.map(([, value]) => value)].filter((secret) => secret !== "");
}

/** A URL as it may be shown: without user name, password, and values of the query that look secret. */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return MASK;
  const url = new URL(text);
  const secretNames = [...url.searchParams.keys()].filter(isSecretName);
  if (url.username === "" && url.password === "" && secretNames.length === 0) return text;
  url.username = "";
  url.password = "";
  for (const name of secretNames) url.searchParams.set(name, MASK);
  return url.href;
}

/** A setting as it may be shown: no key, no prompt, no user name in a URL. Null where it is not set. */
export function shownSetting(name: string, value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === "string" && ["prompt", "system", "template"].includes(name)) return `(${value.length} characters)`;
  if (typeof value === "string" && ["baseUrl", "otlpEndpoint", "pushgateway"].includes(name)) return shownUrl(value);
  if (name === "vars") return Object.keys(value as object);
  if (name === "headers") return maskHeaders(value);
  if (name === "scenarios")
    return Object.fromEntries(Object.entries(value as object).map(([scenario, own]) => [scenario, shownSettings(own as object)]));
  if (name === "targets")
    return (value as readonly unknown[]).map((target) => (typeof target === "object" && target !== null ? shownSettings(target) : target));
  return value;
}

function maskHeaders(headers: unknown): unknown {
  return Object.fromEntries(Object.entries(headers as Record<string, string>).map(([name, value]) => [name, shownHeader(name, value)]));
}

/** Each of several settings, as it may be shown. */
function shownSettings(settings: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, shownSetting(name, value)]));
}
