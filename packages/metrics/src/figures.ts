import type { RequestRecord } from "@lens/core";
import {
  chunkGapsNs,
  connectNs,
  dnsNs,
  e2eNs,
  type Measure,
  responseE2eNs,
  responseTtfoNs,
  responseTtftNs,
  tlsNs,
  tpotNs,
  ttfbNs,
  ttfoNs,
  ttftNs,
} from "./derive.ts";

/** The durations of which a request has at most one each. */
export const DURATIONS = {
  dns: dnsNs,
  connect: connectNs,
  tls: tlsNs,
  ttfb: ttfbNs,
  ttft: ttftNs,
  ttfo: ttfoNs,
  tpot: tpotNs,
  e2e: e2eNs,
  responseTtft: responseTtftNs,
  responseTtfo: responseTtfoNs,
  responseE2e: responseE2eNs,
} as const satisfies Readonly<Record<string, Measure>>;

/** The name of such a duration. */
export type DurationName = keyof typeof DURATIONS;

/** Their names. */
export const DURATION_NAMES = Object.keys(DURATIONS) as readonly DurationName[];

/** All durations of a request, read once for everybody who needs them. */
export interface RequestFigures {
  /** In nanoseconds; null where the request cannot give it. */
  readonly durationsNs: Readonly<Record<DurationName, number | null>>;
  readonly chunkGapsNs: readonly number[];
}

/** Reads a request's durations. */
export function figuresOf(record: RequestRecord): RequestFigures {
  const durationsNs = {} as Record<DurationName, number | null>;
  for (const name of DURATION_NAMES) durationsNs[name] = DURATIONS[name](record);
  return { durationsNs, chunkGapsNs: chunkGapsNs(record) };
}
