import { LensError } from "@lens/core";
import type { ResolvedSettings } from "../config.ts";
import type { Log } from "./log.ts";
import type { Monitor } from "./monitor.ts";
import type { MonitorPlan } from "./plan.ts";

/** Settings of what is opened once. */
const NEED_RESTART = [
  "listen",
  "state",
  "pushgateway",
  "otlpEndpoint",
  "semconv",
  "quiet",
  "verbose",
] as const satisfies readonly (keyof ResolvedSettings)[];

export interface ReloadOptions {
  readonly monitor: Pick<Monitor, "plan" | "replace" | "refuse">;
  readonly log: Log;
  /** Reads the configuration anew. */
  readonly read: () => Promise<MonitorPlan>;
}

/** Puts a new configuration in the place of the old one, which stays where the new one cannot be read. Asked again meanwhile, it reads once more. */
export function createReloader({ monitor, log, read }: ReloadOptions): () => void {
  let wanted = 0;

  async function reload(): Promise<void> {
    try {
      const before = monitor.plan().settings;
      const next = await read();
      monitor.replace(next);
      log.info("configuration read", { targets: next.monitored.length });
      const ignored = NEED_RESTART.filter((name) => before[name] !== next.settings[name]);
      if (ignored.length > 0) log.warn("some settings change with a restart only", { settings: ignored });
    } catch (error) {
      const reason = log.concealed(error instanceof Error ? error.message : String(error));
      monitor.refuse(reason);
      log.error("configuration not read, the one before stays in force", {
        code: error instanceof LensError ? error.code : "INTERNAL",
        reason,
      });
    }
  }

  async function work(): Promise<void> {
    while (wanted > 0) {
      wanted = 1;
      await reload();
      wanted -= 1;
    }
  }

  return () => {
    wanted += 1;
    if (wanted === 1) void work();
  };
}
