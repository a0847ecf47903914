/** More than any run has endpoints. */
const MOST_KEPT = 64;

/** A function that looks up what it was asked before: a run asks a few endpoints many thousand times, and to read a URL takes longer than to write a request. */
function remembering<T>(find: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let found = known.get(text);
    if (found === undefined) {
      found = find(text);
      if (known.size === MOST_KEPT) known.clear();
      known.set(text, found);
    }
    return found;
  };
}

/** The URL that a text says, which all who read the same text share; null where it says none. */
export const readUrl: (text: string) => Readonly<URL> | null = remembering((text) => (URL.canParse(text) ? new URL(text) : null));

const joinEndpoint = remembering((text) => {
  const [base = "", path = "", query = ""] = text.split("\n");
  const url = new URL(base);
  url.hash = "";
  url.pathname = url.pathname.replace(/\/+$/, "") + path;
  for (const [name, value] of new URLSearchParams(query)) url.searchParams.set(name, value);
  return url.href;
});

/** The base URL with `path` behind its own path. Its query survives and `query` joins it; trailing slashes do not matter. */
export const endpointOf = (base: Readonly<URL>, path: string, query = ""): string => joinEndpoint(`${base.href}\n${path}\n${query}`);
