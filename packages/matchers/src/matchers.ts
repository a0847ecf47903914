import { LensError } from "@lens/core";
import type { PriceBook, Report, ThresholdMetric } from "@lens/metrics";
import { readBaseline, saveBaseline } from "./baseline-file.ts";
import {
  costLessThan,
  type CostOptions,
  type Expectation,
  type Limit,
  meetSlo,
  percentileBelow,
  type PercentileOptions,
  type SloLimits,
  type SloOptions,
  ttftBelow,
} from "./expectations.ts";
import type { Finding } from "./finding.ts";
import { type BaselineOptions, matchBaseline } from "./match-baseline.ts";
import { type MatcherCall, renderMessage } from "./message.ts";
import { readSubject, type Subject } from "./subject.ts";

/** What vitest and jest both hand to a matcher as `this`, as far as it is wanted here. */
export interface MatcherState {
  readonly isNot?: boolean;
  readonly currentTestName?: string | undefined;
  /** What became of `-u`, which both keep here. */
  readonly snapshotState?: unknown;
}

/** What a matcher gives back to vitest and jest. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What a matcher found, for whoever keeps account of it. */
export interface Judgement {
  /** Whether the expectation holds, `.not` included. */
  readonly holds: boolean;
  readonly findings: readonly Finding[];
  readonly subject: Subject;
  readonly message: () => string;
}

/** What the matchers need of their test runner. */
export interface MatcherHost<State extends MatcherState> {
  /** Prices requests for `toCostLessThan`. */
  readonly prices: () => PriceBook;
  /** Called once an expectation is judged. */
  readonly onJudged: (state: State, judgement: Judgement) => void;
}

/** The matchers as a test calls them; `R` is what they give back there. Each fails, with `.not` too, where it cannot be judged. */
export interface LensMatchers<R> {
  /** Every request had its first token within the limit: `"800ms"`, or a number of milliseconds. A failed request had none. */
  toHaveTtftBelow(limit: Limit): R;
  /** A percentile of a metric, by its name in a report, lies below the limit. Failed requests count as the slowest. */
  toHavePercentileBelow(metric: ThresholdMetric, percentile: number, limit: Limit, options?: PercentileOptions): R;
  /** All requests together cost less than that many US dollars. */
  toCostLessThan(limitUsd: number, options?: CostOptions): R;
  /** Every request met all objectives: `{ ttft: "500ms", tpot: "30ms" }`. Failed requests meet none. */
  toMeetSlo(slo: SloLimits | string, options?: SloOptions): R;
  /** No figure is worse than that of the baseline in `.lens/baselines` by more than 10 %; `-u` makes the baseline of this run. */
  toMatchBaseline(name: string, options?: BaselineOptions): R;
}

type MatcherFunctions<State> = {
  readonly [Name in keyof LensMatchers<void>]: (
    this: State,
    received: unknown,
    ...args: Parameters<LensMatchers<void>[Name]>
  ) => MatcherResult;
};

/** How it stands with all findings together: null where none fails and one cannot be judged. */
function verdictOf(findings: readonly Finding[]): boolean | null {
  if (findings.some(({ outcome }) => outcome.met === false)) return false;
  return findings.every(({ outcome }) => outcome.met === true) ? true : null;
}

/** The findings that a failed expectation is about. */
function culprits(findings: readonly Finding[], isNot: boolean): readonly Finding[] {
  return isNot ? findings : findings.filter(({ outcome }) => outcome.met !== true);
}

/** Whether the tests were run with `-u`. There is no public way to ask; the name is the same in vitest and jest, and has long been. */
function wantsUpdate({ isNot = false, snapshotState }: MatcherState): boolean {
  const { _updateSnapshot: update } = (snapshotState ?? {}) as { readonly _updateSnapshot?: unknown };
  return !isNot && update === "all";
}

function reportIn({ report }: Subject): Report {
  if (report !== null) return report;
  throw new LensError("INVALID_ARGUMENT", "Expected records, a report or a lens to make a baseline of, got the figures of one target.");
}

/** The matchers, for `expect.extend`. */
export function createMatchers<State extends MatcherState>({ prices, onJudged }: MatcherHost<State>): MatcherFunctions<State> {
  function match(state: State, received: unknown, call: Omit<MatcherCall, "isNot">, { options, judge }: Expectation): MatcherResult {
    const isNot = state.isNot ?? false;
    const priceBook = options.priceBook ?? prices();
    const subject = readSubject(received, { ...options, priceBook });
    const findings = judge(subject);
    const verdict = verdictOf(findings);
    // What cannot be judged fails either way.
    const pass = verdict ?? isNot;
    const message = (): string => renderMessage({ ...call, isNot }, culprits(findings, isNot), { subject, prices: priceBook });
    onJudged(state, { holds: pass !== isNot, findings, subject, message });
    return { pass, message };
  }

  return {
    toHaveTtftBelow(received, ...args) {
      return match(this, received, { name: "toHaveTtftBelow", args }, ttftBelow(...args));
    },
    toHavePercentileBelow(received, ...args) {
      return match(this, received, { name: "toHavePercentileBelow", args }, percentileBelow(...args));
    },
    toCostLessThan(received, ...args) {
      return match(this, received, { name: "toCostLessThan", args }, costLessThan(...args));
    },
    toMeetSlo(received, ...args) {
      return match(this, received, { name: "toMeetSlo", args }, meetSlo(...args));
    },
    toMatchBaseline(received, ...args) {
      const [name, options = {}] = args;
      if (wantsUpdate(this)) saveBaseline(name, reportIn(readSubject(received, { priceBook: prices() })));
      return match(this, received, { name: "toMatchBaseline", args }, matchBaseline(name, options, readBaseline));
    },
  };
}
