import type { Endpoint, ProviderAdapter } from "./adapter.ts";

/** What a request is for, as far as its URL tells. */
export interface Recognized extends Endpoint {
  readonly adapter: ProviderAdapter;
  readonly url: URL;
}

/** Which adapter reads the answer of a request to a URL; null where none does, and for what is no URL. */
export type Recognizer = (url: string) => Recognized | null;

/** Where several speak the protocol, it is the one whose own host it is, or else the one that is made for any host. */
function recognize(url: URL, adapters: readonly ProviderAdapter[]): Recognized | null {
  let general: Recognized | null = null;
  for (const adapter of adapters) {
    const endpoint = adapter.readEndpoint?.(url) ?? null;
    if (endpoint === null) continue;
    if (endpoint.certain) return { ...endpoint, adapter, url };
    if (general === null || (general.adapter.defaultBaseUrl !== null && adapter.defaultBaseUrl === null))
      general = { ...endpoint, adapter, url };
  }
  return general;
}

/** A recognizer by those adapters. It remembers the latest URL: most clients send all their requests to one. */
export function createRecognizer(adapters: readonly ProviderAdapter[]): Recognizer {
  let latest = "";
  let found: Recognized | null = null;
  return (text) => {
    if (text === latest) return found;
    found = URL.canParse(text) ? recognize(new URL(text), adapters) : null;
    latest = text;
    return found;
  };
}
