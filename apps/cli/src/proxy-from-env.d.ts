declare module "proxy-from-env" {
  /** The package ships no types. An empty string means that no proxy is to be used. */
  export function getProxyForUrl(url: string | URL): string;
}
