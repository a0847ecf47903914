import type { Ask, Dialect, Failure, Fields, PathHints, RequestHeaders } from "./dialect.ts";
import { FAULTS, faultOfModel } from "./faults.ts";
import type { Plan } from "./plan.ts";
import { asFields } from "./request-body.ts";
import type { Scenario } from "./scenario.ts";

/** A request that has been read. */
export interface Incoming {
  readonly dialect: Dialect;
  readonly path: PathHints;
  readonly headers: RequestHeaders;
  readonly hasKey: boolean;
  /** The text of the body; null where it was larger than is allowed. */
  readonly body: string | null;
  readonly receivedNs: bigint;
}

/** A failure that asks for no patience unless told to. */
export function createFailure(
  status: Failure["status"],
  message: string,
  { retryAfterMs = null, filtered = false }: Partial<Pick<Failure, "retryAfterMs" | "filtered">> = {},
): Failure {
  return { status, message, retryAfterMs, filtered };
}

function parseBody(text: string): Fields | null {
  try {
    return asFields(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What a request asks for, or why it cannot be answered. */
export function readAsk(incoming: Incoming, scenario: Scenario): Ask | Failure {
  if (incoming.body === null) return createFailure(413, "The body is larger than this simulator takes.");
  const fields = parseBody(incoming.body);
  if (fields === null) return createFailure(400, "Expected the body to be a JSON object, and it is not.");
  const ask = incoming.dialect.readAsk(fields, incoming.headers, incoming.path);
  if (typeof ask === "string") return createFailure(400, ask);
  if (scenario.requireKey && !incoming.hasKey) return createFailure(401, "No API key was provided. Any key will do for this simulator.");
  const fault = faultOfModel(ask.model);
  if (fault === "unknown")
    return createFailure(404, `The model \`${ask.model}\` asks for a fault that does not exist. Known faults: ${FAULTS.join(", ")}.`);
  if (fault === null && scenario.models !== null && !scenario.models.includes(ask.model))
    return createFailure(404, `The model \`${ask.model}\` does not exist.`);
  return ask;
}

/** The failure that stands in place of the whole answer; null where there is an answer, be it a bad one. */
export function failureOfPlan(plan: Plan, dialect: Dialect, scenario: Scenario): Failure | null {
  switch (plan.fault) {
    case "401":
      return createFailure(401, "The API key is not valid.");
    case "404":
      return createFailure(404, "The model does not exist.");
    case "429":
      return createFailure(429, "Rate limit reached.", { retryAfterMs: scenario.retryAfterMs });
    case "500":
      return createFailure(500, "The server had an error.");
    case "529":
      return createFailure(529, "Overloaded.");
    case "blocked":
      return dialect.blockedByStatus ? createFailure(400, "The prompt was blocked by the content filter.", { filtered: true }) : null;
    default:
      return null;
  }
}
