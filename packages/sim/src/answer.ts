import { type Clock, createRandom } from "@lens/core";
import { type Ask, type Context, STREAM_ERROR_MESSAGE } from "./dialect.ts";
import { createExchange, type Exchange, type Sink } from "./exchange.ts";
import { createFailure, failureOfPlan, type Incoming, readAsk } from "./failure.ts";
import { faultOfModel } from "./faults.ts";
import { drawPlan, type Plan, type PlanInput } from "./plan.ts";
import { createPromptCache } from "./prompt-cache.ts";
import type { Scenario } from "./scenario.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Slots } from "./slots.ts";
import type { TruthEntry } from "./truth-log.ts";
import { faultHeaders, outcomeOf, writesOf } from "./writes.ts";

/** What an answerer works with. */
export interface AnswererParts {
  readonly scenario: Scenario;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly slots: Slots;
  readonly onRequest: (entry: TruthEntry) => void;
  /** How many tokens a prompt has, where the scenario does not say. */
  readonly countTokens: (text: string) => number;
  /** Milliseconds of wall time as RFC 3339 writes them. */
  readonly formatTime: (epochMs: number) => string;
}

/** Answers a request after the scenario. What it returns is to be called when the client has left. */
export type Answerer = (incoming: Incoming, sink: Sink) => () => void;

/** One request that is being answered. */
interface Job {
  readonly index: number;
  readonly id: string;
  readonly incoming: Incoming;
  readonly ask: Ask;
  readonly plan: Plan;
  readonly exchange: Exchange;
  readonly sink: Sink;
}

const KEEP_ALIVE_NS = 500_000_000n;
/** The sequence of random numbers that ids are drawn from; requests count up from 0. */
const ID_STREAM = 0xffff_ffff;

type Circumstances = Pick<PlanInput, "index" | "ageNs" | "inputTokens" | "cachedTokens">;

function planFor(incoming: Incoming, ask: Ask, at: Circumstances, scenario: Scenario): Plan {
  const { lacks, wholeToolCalls, spokenRefusal } = incoming.dialect;
  const fault = faultOfModel(ask.model);
  return drawPlan(scenario, {
    ...at,
    maxTokens: ask.maxTokens,
    fault: fault === "unknown" ? null : fault,
    lacks,
    wholeToolCalls,
    spokenRefusal,
  });
}

/** Keeps the connection alive, and nothing else, until the client leaves. */
function stall(job: Job, parts: AnswererParts): void {
  parts.scheduler.at(parts.clock.nowNs() + KEEP_ALIVE_NS, () => {
    if (job.exchange.isSettled()) return;
    job.exchange.write({ chunk: job.incoming.dialect.keepAlive(job.ask), tokens: 0, reasoningTokens: 0 });
    stall(job, parts);
  });
}

/** Ends the answer as planned. */
function finish({ plan, ask, exchange, incoming, sink }: Job): void {
  if (plan.ending === "error" && !ask.stream) return exchange.fail(createFailure(500, STREAM_ERROR_MESSAGE));
  exchange.settle(outcomeOf(plan, incoming.dialect));
  if (plan.ending === "cut") sink.destroy();
  else sink.end();
}

/** Writes what is due and comes back for the rest, on a schedule that is absolute, so that no delay is carried on to the next token. */
function play(job: Job, parts: AnswererParts, servedNs: bigint): void {
  const { scenario, clock, scheduler } = parts;
  const { plan, ask, exchange, incoming } = job;
  const epochMs = clock.epochMs();
  const context: Context = {
    ask,
    id: job.id,
    createdSeconds: Math.floor(epochMs / 1000),
    queuedNs: Number(servedNs - incoming.receivedNs),
    timeAt: (offsetNs) => parts.formatTime(epochMs + offsetNs / 1e6),
  };
  const headers = (): Readonly<Record<string, string>> => ({
    ...incoming.dialect.headers(context, Number(clock.nowNs() - incoming.receivedNs)),
    ...faultHeaders(plan, scenario.hugeHeadersBytes),
  });
  const writes = writesOf(plan, incoming.dialect, context, createRandom(scenario.seed, job.index))[Symbol.iterator]();
  // The next write is made ready before it is due, so that making it does not make it late.
  let next = writes.next();

  function end(): void {
    if (exchange.isSettled()) return;
    const silent = !ask.stream && (plan.ending === "cut" || plan.ending === "stall" || plan.ending === "error");
    if (!silent) exchange.head(200, headers);
    if (plan.ending !== "stall") finish(job);
    else if (ask.stream) stall(job, parts);
  }

  function step(): void {
    for (; next.done !== true; next = writes.next()) {
      if (exchange.isSettled()) return;
      const dueAtNs = servedNs + BigInt(next.value.dueNs);
      if (dueAtNs > clock.nowNs()) return scheduler.at(dueAtNs, step);
      exchange.head(200, headers);
      exchange.write(next.value);
    }
    const endAtNs = servedNs + BigInt(ask.stream ? plan.headNs : plan.endNs);
    if (endAtNs > clock.nowNs()) scheduler.at(endAtNs, end);
    else end();
  }

  scheduler.at(servedNs, step);
}

/** An answerer of a scenario. It numbers the requests in the order in which they were read, so that the seed decides all. */
export function createAnswerer(parts: AnswererParts): Answerer {
  const { scenario, clock, slots, onRequest, countTokens } = parts;
  const cachedShare = scenario.cacheBlockTokens === null ? () => 0 : createPromptCache(scenario.cacheBlockTokens);
  const idWords = createRandom(scenario.seed, ID_STREAM);
  const startNs = clock.nowNs();
  let requestCount = 0;

  return (incoming, sink) => {
    const index = requestCount++;
    const id = [idWords.word(), idWords.word(), idWords.word()].map((word) => word.toString(16).padStart(8, "0")).join("");
    const read = readAsk(incoming, scenario);
    const ask = "status" in read ? null : read;
    let leave = (): void => {};
    const onSettled = (entry: TruthEntry): void => {
      onRequest(entry);
      leave();
    };
    const exchange = createExchange({ id, dialect: incoming.dialect, ask, receivedNs: incoming.receivedNs, clock, sink, onSettled });

    function begin(asked: Ask): void {
      const inputTokens = scenario.inputTokens ?? Math.max(1, countTokens(asked.promptText));
      const cachedTokens = Math.floor(cachedShare(asked.promptText) * inputTokens);
      const plan = planFor(incoming, asked, { index, ageNs: Number(incoming.receivedNs - startNs), inputTokens, cachedTokens }, scenario);
      exchange.plan(plan);
      const failure = failureOfPlan(plan, incoming.dialect, scenario);
      if (failure !== null) return exchange.fail(failure);
      let waited = false;
      leave = slots.enter(() => {
        // One that found a free slot was served when it came, however long the reading of its body took here.
        const servedNs = waited ? clock.nowNs() : incoming.receivedNs;
        exchange.started(servedNs);
        play({ index, id, incoming, ask: asked, plan, exchange, sink }, parts, servedNs);
      });
      waited = true;
    }

    if ("status" in read) exchange.fail(read);
    else begin(read);
    return () => exchange.settle("aborted");
  };
}
