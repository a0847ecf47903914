import type { Random } from "@lens/core";

/** Every fault that the simulator can show, by name; `FAULT_MEANINGS` says what each does. */
export const FAULTS = [
  "401",
  "404",
  "429",
  "500",
  "529",
  "error",
  "cut",
  "stall",
  "slow-headers",
  "garbage",
  "broken-json",
  "html",
  "refusal",
  "blocked",
  "filtered",
  "length",
  "huge-event",
  "huge-headers",
  "empty",
] as const;

/** The name of a fault. */
export type Fault = (typeof FAULTS)[number];

/** What each fault does, in a few words for people. "Half-way" is after half of the answer's chunks. */
export const FAULT_MEANINGS: Readonly<Record<Fault, string>> = {
  "401": "status 401: the key is wrong",
  "404": "status 404: no such model",
  "429": "status 429 with a time to wait",
  "500": "status 500",
  "529": "status 529: overloaded",
  error: "an error event half-way, in the provider's own shape",
  cut: "the connection is closed half-way",
  stall: "half-way nothing follows but keep-alives, and the connection stays open",
  "slow-headers": "the headers, and all after them, come late",
  garbage: "status 200 and random bytes in place of events",
  "broken-json": "half-way an event whose JSON breaks off, then a clean end",
  html: "status 200 and an HTML page",
  refusal: "the model declines, in the provider's own shape",
  blocked: "the prompt is blocked before an answer",
  filtered: "the answer is blocked half-way",
  length: "the answer ends at a length limit",
  "huge-event": "one event of tens of megabytes half-way",
  "huge-headers": "response headers of a megabyte",
  empty: "status 200 and no events",
};

/** Which requests meet a fault: each with a probability of `share`, or every `every`-th (the `every`-th is the first). */
export type FaultRule = { readonly fault: Fault; readonly share: number } | { readonly fault: Fault; readonly every: number };

const MODEL_PREFIX = "sim-fault-";

/** The model name that asks for a fault on its own request: `sim-fault-429`. */
export function modelOfFault(fault: Fault): string {
  return MODEL_PREFIX + fault;
}

/** What a model's name asks for: a fault, none (null), or a fault that does not exist. A prefix such as `openai/` does no harm. */
export function faultOfModel(model: string): Fault | null | "unknown" {
  const at = model.lastIndexOf(MODEL_PREFIX);
  if (at < 0) return null;
  const name = model.slice(at + MODEL_PREFIX.length);
  return FAULTS.find((fault) => fault === name) ?? "unknown";
}

/** The fault that the first fitting rule gives to request number `index` (from 0); null where none fits. */
export function pickFault(rules: readonly FaultRule[], index: number, random: Random): Fault | null {
  let picked: Fault | null = null;
  for (const rule of rules) {
    // Every share is drawn, so that one rule's luck does not shift the draws of what follows.
    const meets = "every" in rule ? (index + 1) % rule.every === 0 : random.uniform() < rule.share;
    if (meets) picked ??= rule.fault;
  }
  return picked;
}
