import type { Endpoint, ProviderAdapter } from "./adapter.ts";

/** What a request is for, as far as its URL tells. */
export interface Recognized extends Endpoint {
  readonly adapter: ProviderAdapter;
}

/**
 * Which of the adapters reads the answer of a request to `url`; null where none does. Where several speak the protocol, the one whose own
 * host it is, or else the one that is made for any host.
 */
export function recognize(url: URL, adapters: readonly ProviderAdapter[]): Recognized | null {
  let general: Recognized | null = null;
  for (const adapter of adapters) {
    const endpoint = adapter.readEndpoint?.(url) ?? null;
    if (endpoint === null) continue;
    if (endpoint.certain) return { ...endpoint, adapter };
    if (general === null || (general.adapter.defaultBaseUrl !== null && adapter.defaultBaseUrl === null))
      general = { ...endpoint, adapter };
  }
  return general;
}
