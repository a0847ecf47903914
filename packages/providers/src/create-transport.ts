import { createHttpTransport, type HttpTransportOptions } from "./http-transport.ts";
import { createLeanTransport } from "./lean-transport.ts";
import { readUrl } from "./read-url.ts";
import type { Transport } from "./transport.ts";

/**
 * The transport to measure with: the lean one, and node:http for what that does not speak, which is proxies and user names in URLs.
 * Both read every response the same way.
 */
export function createTransport(options: HttpTransportOptions = {}): Transport {
  const lean = createLeanTransport(options);
  const full = createHttpTransport(options);
  return {
    send(request, observer) {
      const url = readUrl(request.url);
      const plain = url?.username === "" && url.password === "" && (options.proxyFor?.(url) ?? null) === null;
      return (plain ? lean : full).send(request, observer);
    },
    close() {
      lean.close();
      full.close();
    },
  };
}
