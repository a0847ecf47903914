import type { Clock, OutcomeKind } from "@lens/core";
import type { Ask, Dialect, Failure, Write } from "./dialect.ts";
import type { Plan } from "./plan.ts";
import type { TruthEntry } from "./truth-log.ts";

/** Where an answer goes: a response, without its HTTP library. */
export interface Sink {
  head(status: number, headers: Readonly<Record<string, string>>): void;
  /** Hands bytes to the socket at once. */
  write(chunk: string | Uint8Array): void;
  end(): void;
  /** Closes the connection in the middle of the answer. */
  destroy(): void;
}

/** One request on its way: writes to the sink and keeps the truth about it. */
export interface Exchange {
  /** Whether its entry stands in the log; nothing may be written after. */
  isSettled(): boolean;
  /** Decided, and from here on part of the truth. */
  plan(plan: Plan): void;
  /** A slot was got. */
  started(atNs: bigint): void;
  /** Sends the headers, unless they have been. */
  head(status: number, headers: () => Readonly<Record<string, string>>): void;
  /** Writes, and stamps the instant right before if the write carries content. */
  write(write: Pick<Write, "chunk" | "tokens" | "reasoningTokens">): void;
  /** Answers with a failure, and is done. */
  fail(failure: Failure): void;
  /** Is done. */
  settle(outcome: OutcomeKind): void;
}

/** What an exchange is made of. `onSettled` gets the entry, once. */
export interface ExchangeParts {
  readonly id: string;
  readonly dialect: Dialect;
  readonly ask: Ask | null;
  readonly receivedNs: bigint;
  readonly clock: Clock;
  readonly sink: Sink;
  readonly onSettled: (entry: TruthEntry) => void;
}

const WHOLE: readonly OutcomeKind[] = ["ok", "truncated", "filtered", "refused"];

/** Begins the exchange of one request. */
export function createExchange({ id, dialect, ask, receivedNs, clock, sink, onSettled }: ExchangeParts): Exchange {
  const tokenNs: bigint[] = [];
  let plan: Plan | null = null;
  let startedNs: bigint | null = null;
  let status: number | null = null;
  let tokens = 0;
  let reasoningTokens = 0;
  let settled = false;

  const exchange: Exchange = {
    isSettled: () => settled,
    plan(decided) {
      plan = decided;
    },
    started(atNs) {
      startedNs = atNs;
    },
    head(code, headers) {
      if (status !== null) return;
      status = code;
      sink.head(code, { "x-request-id": id, ...headers() });
    },
    write(write) {
      if (write.tokens > 0) tokenNs.push(clock.nowNs());
      sink.write(write.chunk);
      tokens += write.tokens;
      reasoningTokens += write.reasoningTokens;
    },
    fail(failure) {
      exchange.head(failure.status, () => ({ "content-type": "application/json", ...dialect.failureHeaders(failure, { id, ask }) }));
      sink.write(JSON.stringify(dialect.failureDocument(failure, { id, ask })));
      exchange.settle(failure.filtered ? dialect.outcomes.blocked : "error");
      sink.end();
    },
    settle(outcome) {
      if (settled) return;
      settled = true;
      const billed = plan !== null && status === 200 && WHOLE.includes(outcome) ? plan : { outputTokens: tokens, reasoningTokens };
      onSettled({
        id,
        protocol: dialect.protocol,
        model: ask?.model ?? "",
        receivedNs,
        startedNs,
        tokenNs,
        chunks: tokenNs.length,
        endNs: clock.nowNs(),
        status,
        outcome,
        fault: plan?.fault ?? null,
        inputTokens: plan?.inputTokens ?? 0,
        outputTokens: billed.outputTokens,
        reasoningTokens: billed.reasoningTokens,
      });
    },
  };
  return exchange;
}
