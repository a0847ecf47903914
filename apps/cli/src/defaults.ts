import type { Settings } from "./config-schema.ts";

/** What holds where nobody says otherwise. What is not here has no default, and is not sent. */
export const DEFAULT_SETTINGS = {
  prompt: "Explain in about a hundred words how a lens bends light.",
  requests: 100,
  concurrency: 10,
  workers: "auto",
  respectRetryAfter: false,
  yes: false,
  grace: "10s",
  strict: false,
  abortOnFail: false,
  retries: 0,
  format: ["console"],
  output: [],
  json: false,
  explain: false,
  force: false,
  quiet: false,
  verbose: false,
} as const satisfies Settings;

/** The most failures, as a share, that are still a success: none for one request, one in a hundred for many. */
export const DEFAULT_MAX_ERROR_RATES = { benchmark: 0.01, profile: 0 } as const;

/** Of random arrivals, so that a run can be repeated. */
export const DEFAULT_SEED = 1;

/** How far a search goes where nobody says. */
export const HIGHEST_SEARCHED = 256;

/** What holds for a monitor where nobody says otherwise. Probes are worth little, so it neither waits long for one nor ends late for it. */
export const MONITOR_DEFAULTS = {
  interval: "60s",
  jitter: 0.1,
  probes: 1,
  listen: "127.0.0.1:9464",
  timeout: "60s",
  grace: "1s",
} as const satisfies Settings;
