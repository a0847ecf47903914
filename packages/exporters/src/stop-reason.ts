import type { LoadSummary } from "@lens/metrics";

/** Why the sending ended before what was planned, in words; null where it did not, or the reader knows. */
export function stopReason({ stoppedBy }: LoadSummary): string | null {
  switch (stoppedBy) {
    case "budget":
      return "the budget held no further request";
    case "trace":
      return "a line of the trace could not be used";
    case "requests":
    case "duration":
    case "signal":
    case "crash":
      return null;
  }
}
