import { LensError } from "@lens/core";
import type { ComparisonReport, Report } from "@lens/metrics";

/** What the name of a file can be made of. */
export interface NameParts {
  /** Wall time of the run's start. */
  readonly startedAtMs: number;
  /** The labels of what was, or is to be, measured. */
  readonly targets: readonly string[];
}

/** What a saved report gives to names. */
export const namesOf = ({ run, groups }: Report): NameParts => ({
  startedAtMs: run.startedAtMs,
  targets: groups.map(({ target }) => target.label),
});

/** What a comparison gives to names: the run that came last. */
export const namesOfComparison = ({ sides }: ComparisonReport): NameParts => ({
  startedAtMs: Math.max(0, ...sides.map(({ run }) => run.startedAtMs)),
  targets: [...new Set(sides.map(({ group }) => group.target.label))],
});

const PLACEHOLDER = /\{(\w*)\}/g;
const NAMES = ["date", "target", "run"] as const;
/** File systems allow 255 bytes, and the rest of the name wants some. */
const LONGEST_TARGET = 100;

/** What stands for labels in a name: letters, digits, `.`, `_`, `+` and `-`, so that no label leads into another folder. */
export function slugOf(targets: readonly string[]): string {
  const slugs = targets.map((label) => label.replaceAll(/[^\w.-]+/g, "-").replaceAll(/^[.-]+|[.-]+$/g, ""));
  const joined = slugs.filter((slug) => slug !== "").join("+");
  return joined === "" ? "none" : joined.slice(0, LONGEST_TARGET);
}

const UTC = new Intl.DateTimeFormat("sv-SE", {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  timeZone: "UTC",
});

/** `2026-11-23 10:00:00,123`. */
const instantOf = (atMs: number): string => UTC.format(atMs);

/**
 * The name with `{date}` (the day, in UTC), `{target}` (the labels, joined by `+`) and `{run}` (the start to the millisecond, such as
 * `20261123T100000123Z`, which sorts by time) replaced. Throws `INVALID_ARGUMENT` for other words in braces.
 */
export function expandName(name: string, { startedAtMs, targets }: NameParts): string {
  return name.replaceAll(PLACEHOLDER, (braced, word: string) => {
    switch (word) {
      case "date":
        return instantOf(startedAtMs).slice(0, "2026-11-23".length);
      case "target":
        return slugOf(targets);
      case "run":
        return `${instantOf(startedAtMs).replace(" ", "T").replaceAll(/[-:,]/g, "")}Z`;
      default:
        throw new LensError(
          "INVALID_ARGUMENT",
          `Expected ${NAMES.map((known) => `{${known}}`).join(", ")} in the name of a file, got \`${braced.slice(0, 60)}\`.`,
        );
    }
  });
}
