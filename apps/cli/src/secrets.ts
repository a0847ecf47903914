import type { Credentials } from "@lens/providers";

const SECRET_NAME = /auth|key|token|secret|cookie|password|credential|signature/i;
const MASK = "***";

/** A header whose name speaks of a secret is masked. */
function shownHeader(name: string, value: string): string {
  return SECRET_NAME.test(name) ? MASK : value;
}

/** What must be shown nowhere of how a target is reached: its key, headers that look secret, and what its URL hides. */
export function secretsOf({ apiKey, headers = {}, baseUrl = "" }: Credentials): readonly string[] {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  const named = [...Object.entries(headers), ...(url?.searchParams ?? [])].filter(([name]) => SECRET_NAME.test(name));
  return [apiKey ?? "", url?.username ?? "", url?.password ?? "", ...named.map(([, value]) => value)].filter((secret) => secret !== "");
}

/** A URL as it may be shown: without user name, password, and values of the query that look secret. */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return MASK;
  const url = new URL(text);
  const secretNames = [...url.searchParams.keys()].filter((name) => SECRET_NAME.test(name));
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
  if (name === "targets")
    return (value as readonly unknown[]).map((target) =>
      typeof target === "object" && target !== null ? maskTarget(target as Record<string, unknown>) : target,
    );
  return value;
}

function maskHeaders(headers: unknown): unknown {
  return Object.fromEntries(Object.entries(headers as Record<string, string>).map(([name, value]) => [name, shownHeader(name, value)]));
}

function maskTarget(target: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(target).map(([name, value]) => [name, shownSetting(name, value)]));
}
