import { LensError } from "@lens/core";
import { createTransport, requestText } from "@lens/providers";
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
export async function runHealthcheck([given]: readonly string[], flags: Flags, io: Io): Promise<number> {
  const url = given ?? (await configuredUrl(flags, io));
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

/** Where the monitor of this configuration says how it is. It outlives a configuration that was broken meanwhile, and so does the question. */
async function configuredUrl(flags: Flags, io: Io): Promise<string> {
  const { resolveConfiguration } = await import("../config.ts");
  const listen = await resolveConfiguration(flags, [], io).then(
    ({ settings }) => settings.listen,
    (error: unknown) => {
      if (error instanceof LensError && error.code === "INVALID_CONFIG") return flags.listen?.toString() ?? io.env.LENS_LISTEN;
      throw error;
    },
  );
  return `${urlOfAddress(readAddress(listen ?? MONITOR_DEFAULTS.listen))}/healthz`;
}
