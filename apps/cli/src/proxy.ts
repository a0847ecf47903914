import { getProxyForUrl } from "proxy-from-env";

/** The proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name for a URL; null for a direct connection. */
export function proxyFromEnvironment(url: URL): string | null {
  return getProxyForUrl(url) || null;
}
