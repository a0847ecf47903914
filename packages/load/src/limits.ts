import { type Clock, LensError, type RequestRecord } from "@lens/core";
import { DEFAULT_RETRY_POLICY } from "@lens/providers";
import type { Board, SharedCell } from "./board.ts";
import type { ResolvedPlan } from "./resolve-plan.ts";

/** Keeps requests within what the servers allow. All threads of a run share its state. */
export interface Pacer {
  /** Resolves when a request may be sent to a target, its place in the line having come, or when it is no longer `wanted`. Says whether it had to wait. */
  admit(target: number, wanted: () => boolean, signal: AbortSignal): Promise<boolean>;
  /** Learns from what came back from a target: the tokens really used, and what the server asks to wait. */
  settle(target: number, record: RequestRecord): void;
}

const NS_PER_MS = 1e6;
/** A bucket holds a 60th of what a minute allows and takes in 59 60ths a minute, so that no minute, wherever it begins, sees more than the limit. */
const REFILL_NS = 60e9 * (60 / 59);
const BURST_NS = REFILL_NS / 60;
/** How often one that waits asks whether it is still wanted. */
const LOOK_UP_NS = 1_000_000_000n;

const later = (oneNs: bigint, otherNs: bigint): bigint => (oneNs > otherNs ? oneNs : otherNs);

/** Tokens that count against a limit, as the answer's usage reports them; null where it does not. */
function usedTokens({ usage }: RequestRecord): number | null {
  if (usage === null || usage.inputTokens === null || usage.outputTokens === null) return null;
  return usage.inputTokens + usage.outputTokens;
}

/** How long the server asked to wait after a 429 or 503; null where it did not. */
function askedToWaitNs({ outcome: { error } }: RequestRecord): number | null {
  if (error === null || (error.status !== 429 && error.status !== 503) || error.retryAfterMs === null) return null;
  return Math.min(error.retryAfterMs, DEFAULT_RETRY_POLICY.maxRetryAfterMs) * NS_PER_MS;
}

/**
 * A pacer for a plan; null where it limits nothing. Its token buckets are kept as one instant each, the moment at which all that was let
 * through will have been paid for (the generic cell rate algorithm of ITU-T I.371): an atomic word that threads share without a lock. Each target
 * has buckets of its own; what one server asks to wait holds back the whole run, lest another target be measured under another load meanwhile.
 */
export function createPacer({ limits, respectRetryAfter }: ResolvedPlan, board: Board, clock: Clock): Pacer | null {
  const { requestsPerMinute, tokensPerMinute, tokensPerRequest } = limits;
  if (requestsPerMinute === null && tokensPerMinute === null && !respectRetryAfter) return null;
  const nsPerRequest = requestsPerMinute === null ? null : REFILL_NS / requestsPerMinute;
  const nsPerToken = tokensPerMinute === null ? null : REFILL_NS / tokensPerMinute;

  /** Books a place in a bucket, and returns when it is reached. */
  function book(bucket: SharedCell, costNs: number, nowNs: bigint): bigint {
    const beforeNs = bucket.update((tatNs) => later(tatNs, nowNs) + BigInt(Math.round(costNs)));
    return beforeNs - BigInt(Math.round(Math.max(0, BURST_NS - costNs)));
  }

  function bookPlace(target: number, nowNs: bigint): bigint {
    const buckets = board.buckets[target];
    if (buckets === undefined) throw new LensError("INTERNAL", `Expected one of ${board.buckets.length} targets, got \`${target}\`.`);
    const requestNs = nsPerRequest === null ? nowNs : book(buckets.requestTatNs, nsPerRequest, nowNs);
    return nsPerToken === null ? requestNs : later(requestNs, book(buckets.tokenTatNs, nsPerToken * tokensPerRequest, nowNs));
  }

  async function sleepWhile(wanted: () => boolean, untilNs: bigint, signal: AbortSignal): Promise<boolean> {
    let slept = false;
    for (let nowNs = clock.nowNs(); nowNs < untilNs && wanted(); nowNs = clock.nowNs()) {
      slept = true;
      await clock.sleepUntil(untilNs - nowNs > LOOK_UP_NS ? nowNs + LOOK_UP_NS : untilNs, signal);
    }
    return slept;
  }

  const heldUntilNs = (): bigint => board.cells.heldUntilNs.read();
  return {
    async admit(target, wanted, signal) {
      // A server that asks to wait while a request is in line sends it back to the line's end, lest all go out at once.
      let waited = false;
      do {
        if (await sleepWhile(wanted, heldUntilNs(), signal)) waited = true;
        if (await sleepWhile(wanted, bookPlace(target, clock.nowNs()), signal)) waited = true;
      } while (wanted() && heldUntilNs() > clock.nowNs());
      return waited;
    },
    settle(target, record) {
      const used = usedTokens(record);
      if (nsPerToken !== null && used !== null) {
        board.buckets[target]?.tokenTatNs.add(BigInt(Math.round((used - tokensPerRequest) * nsPerToken)));
      }
      const waitNs = respectRetryAfter ? askedToWaitNs(record) : null;
      if (waitNs === null) return;
      const untilNs = clock.nowNs() + BigInt(Math.round(waitNs));
      board.cells.heldUntilNs.update((heldNs) => later(heldNs, untilNs));
    },
  };
}
