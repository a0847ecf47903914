import { LensError } from "@lens/core";
import { createTransport, requestText } from "@lens/providers";
import { resolveConfiguration } from "../config.ts";
import { MONITOR_DEFAULTS } from "../defaults.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { readAddress, urlOfAddress } from "../monitor/address.ts";
import type { Flags } from "../option.ts";
import { oneLine } from "../printable.ts";
import { shownUrl } from "../secrets.ts";

/** What asks wants an answer sooner than containers give up on a check. */
const TIMEOUT_NS = 3e9;
/** Not well: what Docker and its like take for it. */
const UNWELL = 1;

/** Asks a monitor whether it is well, for images that have no shell and no curl: 0 where it says so, 1 for any other answer and for none. */
export async function runHealthcheck(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const { settings } = await resolveConfiguration(flags, [], io);
  const url = positionals[0] ?? `${urlOfAddress(readAddress(settings.listen ?? MONITOR_DEFAULTS.listen))}/healthz`;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new LensError(
      "INVALID_ARGUMENT",
      "Expected the address to ask to begin with http:// or https://, such as http://127.0.0.1:9464/healthz.",
    );
  const transport = createTransport({ clock: io.clock });
  try {
    const { status } = await requestText(
      transport,
      { method: "GET", url, headers: {}, body: null },
      { clock: io.clock, timeoutNs: TIMEOUT_NS },
    );
    if (status === 200) return EXIT_CODES.ok;
    await io.stderr.write(`lens: ${oneLine(shownUrl(url))} answered with status ${status}.\n`);
  } catch (error) {
    if (!(error instanceof LensError)) throw error;
    await io.stderr.write(`lens: ${oneLine(error.message)}\n`);
  } finally {
    transport.close();
  }
  return UNWELL;
}
