import { formatDuration, LensError, nearest, parseDurationNs } from "@lens/core";
import type { DurationName, RequestFigures } from "./figures.ts";

/** What an SLO can limit, by the name that is typed. */
const LIMITED = {
  ttft: "ttft",
  ttfo: "ttfo",
  tpot: "tpot",
  e2e: "e2e",
  "response.ttft": "responseTtft",
  "response.ttfo": "responseTtfo",
  "response.e2e": "responseE2e",
} as const satisfies Readonly<Record<string, DurationName>>;

/** The name of a metric that an SLO can limit. */
export type SloName = keyof typeof LIMITED;
const NAMES = Object.keys(LIMITED) as readonly SloName[];

/** Service level objectives: the longest that each of these may take in a good request, in nanoseconds. What is absent has no limit. */
export type Slo = { readonly [Name in (typeof LIMITED)[SloName] as `${Name}Ns`]?: number };

/** Whether a request met every objective; null where a figure that has a limit is not known, and none that is known is over its own. */
export type SloJudge = (figures: RequestFigures) => boolean | null;

const keyOf = (name: SloName): keyof Slo => `${LIMITED[name]}Ns`;
const bare = (name: string): string => name.toLowerCase().replace(/[\s._-]/g, "");

function findName(typed: string): SloName {
  const found = NAMES.find((name) => bare(name) === bare(typed));
  if (found !== undefined) return found;
  const meant = nearest(typed.toLowerCase(), NAMES);
  const hint = meant === null ? "" : ` Did you mean \`${meant}\`?`;
  throw new LensError("INVALID_ARGUMENT", `Expected an SLO on one of ${NAMES.join(", ")}, got \`${typed.slice(0, 60)}\`.${hint}`);
}

/**
 * Reads `ttft=500ms,tpot=30ms,e2e=10s`; a time without a unit is in milliseconds. Throws `INVALID_ARGUMENT`, naming what is known, for
 * another metric, for one that is named twice, and for a limit that is no duration above 0.
 */
export function parseSlo(written: string): Slo {
  const slo: { -readonly [Key in keyof Slo]: number } = {};
  for (const part of written.split(",")) {
    const [, typed, limit] = /^\s*([^=]+?)\s*=\s*(\S+)\s*$/.exec(part) ?? [];
    if (typed === undefined || limit === undefined)
      throw new LensError("INVALID_ARGUMENT", `Expected SLOs such as \`ttft=500ms,tpot=30ms\`, got \`${part.trim().slice(0, 60)}\`.`);
    const name = findName(typed);
    const limitNs = parseDurationNs(limit, `the SLO on \`${name}\``);
    if (limitNs === 0) throw new LensError("INVALID_ARGUMENT", `Expected the SLO on \`${name}\` to be more than 0, got \`${limit}\`.`);
    if (slo[keyOf(name)] !== undefined) throw new LensError("INVALID_ARGUMENT", `Expected one SLO on \`${name}\`, got two.`);
    slo[keyOf(name)] = limitNs;
  }
  return slo;
}

/** The metrics that objectives limit, by their names in a report. */
export function limitedMetrics(slo: Slo): readonly SloName[] {
  return NAMES.filter((name) => slo[keyOf(name)] !== undefined);
}

/** Objectives in words: `ttft ≤ 500 ms, tpot ≤ 30 ms`. */
export function formatSlo(slo: Slo): string {
  return NAMES.flatMap((name) => {
    const limitNs = slo[keyOf(name)];
    return limitNs === undefined ? [] : [`${name} ≤ ${formatDuration(limitNs)}`];
  }).join(", ");
}

/** Judges answered requests; those that were not answered meet no objective. */
export function createSloJudge(slo: Slo): SloJudge {
  const limits = NAMES.flatMap((name) => {
    const limitNs = slo[keyOf(name)];
    return limitNs === undefined ? [] : [{ duration: LIMITED[name], limitNs }];
  });
  return ({ durationsNs }) => {
    let met: boolean | null = true;
    for (const { duration, limitNs } of limits) {
      const durationNs = durationsNs[duration];
      if (durationNs === null) met = null;
      else if (durationNs > limitNs) return false;
    }
    return met;
  };
}
