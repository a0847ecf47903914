import { createRecorder, type ErrorCode, LensError, type RequestRecord, toErrorInfo } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";

/** What differs in a request of these tests. */
export interface Written {
  readonly id?: string;
  readonly label?: string;
  readonly model?: string;
  readonly ttftMs?: number;
  readonly gapMs?: number;
  readonly outputTokens?: number;
  readonly reportUsage?: boolean;
  readonly requestId?: string;
  readonly latenessNs?: number | null;
  readonly error?: ErrorCode;
}

const ms = (count: number): bigint => BigInt(Math.round(count * 1e6));

/** A request of exact times: its first token after `ttftMs`, then one every `gapMs`. */
export function record(written: Written = {}): RequestRecord {
  const {
    id = "r0",
    model = "gpt-sim",
    label = `openai:${model}`,
    ttftMs = 100,
    gapMs = 10,
    outputTokens = 5,
    reportUsage = true,
  } = written;
  const clock = createVirtualClock({ epochMs: 1_000_000 });
  const recorder = createRecorder({ clock, id, target: { provider: "openai", model, label, origin: null } });
  recorder.beginAttempt(0n);
  recorder.sent(0n);
  if (written.requestId !== undefined) recorder.reply({ requestId: written.requestId });
  if (written.error !== undefined) {
    const error = toErrorInfo(new LensError(written.error, "It went wrong."));
    return recorder.finish(ms(ttftMs), { kind: "error", finishReason: null, error });
  }
  for (let token = 0; token < outputTokens; token += 1) {
    const atNs = ms(ttftMs + token * gapMs);
    recorder.read(atNs, written.latenessNs ?? null);
    recorder.arrival(atNs, { kind: "text", events: 1, chars: 4 });
  }
  if (reportUsage) recorder.usage({ inputTokens: 10, outputTokens });
  return recorder.finish(ms(ttftMs + outputTokens * gapMs), { kind: "ok", finishReason: "stop", error: null });
}

/** Requests `r1`, `r2` and so on, with a first token after 10, 20, … ms. */
export function rising(count: number, written: Written = {}): RequestRecord[] {
  return Array.from({ length: count }, (_, index) => record({ id: `r${index + 1}`, ttftMs: 10 * (index + 1), ...written }));
}
