import { LensError, parseDurationNs } from "@lens/core";
import { createTransport, requestText } from "@lens/providers";
import type { ResolvedSettings } from "../config.ts";
import type { Io } from "../io.ts";
import { openOtlpPush } from "../otlp.ts";
import { shownUrl } from "../secrets.ts";
import type { Log } from "./log.ts";
import type { Monitor } from "./monitor.ts";

/** Somewhere that metrics are sent to besides being served. */
export interface Push {
  /** Where to, as it may be shown. */
  readonly place: string;
  readonly periodNs: number;
  /** Rejects with a `LensError` where they were not taken. */
  send(): Promise<void>;
}

const PUSHGATEWAY_PERIOD_NS = parseDurationNs("15s");
/** A report takes more to make than the metrics do. */
const OTLP_PERIOD_NS = parseDurationNs("60s");
/** What the Pushgateway groups metrics by, unless the URL says so itself. */
const GROUPING_PATH = "/metrics/job/lens_monitor";

function pushToGateway(url: string, monitor: Pick<Monitor, "metrics">, io: Io): Push {
  const place = url.includes("/metrics/job/") ? url : `${url.replace(/\/$/, "")}${GROUPING_PATH}`;
  const transport = createTransport({ clock: io.clock, proxyFor: io.proxyFor });
  return {
    place: shownUrl(place),
    periodNs: PUSHGATEWAY_PERIOD_NS,
    async send() {
      const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
      const { status } = await requestText(
        transport,
        { method: "POST", url: place, headers, body: await monitor.metrics() },
        { clock: io.clock },
      );
      if (status >= 300)
        throw new LensError("UNEXPECTED_STATUS", `Expected the Pushgateway to take the metrics, got status ${status}.`, { status });
    },
  };
}

/** Where the settings want metrics sent. Throws `INVALID_ARGUMENT` where OpenTelemetry's packages are wanted and not installed. */
export async function openPushes(
  settings: ResolvedSettings,
  monitor: Pick<Monitor, "metrics" | "report">,
  io: Io,
): Promise<readonly Push[]> {
  const { pushgateway, otlpEndpoint } = settings;
  const pushes: Push[] = pushgateway === undefined ? [] : [pushToGateway(pushgateway, monitor, io)];
  const push = await openOtlpPush(settings);
  if (push !== null)
    pushes.push({
      place: shownUrl(otlpEndpoint ?? ""),
      periodNs: OTLP_PERIOD_NS,
      send: async () => push(await monitor.report()),
    });
  return pushes;
}

/** Sends, and says when that begins to fail and when it works again. */
export function watchPush({ place, send }: Push, log: Log): () => Promise<void> {
  let failing = false;
  return async () => {
    try {
      await send();
      if (failing) log.info("metrics are taken again", { place });
      failing = false;
    } catch (error) {
      if (!(error instanceof LensError)) throw error;
      if (!failing) log.warn("metrics were not taken", { place, reason: error.message });
      failing = true;
    }
  };
}
