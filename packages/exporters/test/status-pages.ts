import type { MonitorStatus, TargetStatus } from "../src/index.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 12);
const BIN_MS = 120_000;

/** Six hours of a target whose TTFT swings about so many milliseconds; requests of every `failEvery`-th stretch fail. */
function historyOf(ttftMs: number, failEvery = Infinity): TargetStatus["history"] {
  return Array.from({ length: 180 }, (_, index) => {
    const failed = index % failEvery === failEvery - 1;
    const ttftNs = ttftMs * 1e6 * (1 + 0.3 * Math.sin(index / 9));
    return {
      fromMs: NOW_MS - (180 - index) * BIN_MS,
      requests: 2,
      answered: failed ? 0 : 2,
      timed: failed ? 0 : 2,
      ttftSumNs: failed ? 0 : 2 * ttftNs,
      ttftMaxNs: failed ? 0 : 1.5 * ttftNs,
    };
  });
}

const LAST = {
  endedAtMs: NOW_MS - 12_000,
  sent: 2,
  answered: 2,
  outcome: "ok",
  message: null,
  ttftNs: 312e6,
  e2eNs: 2.4e9,
  outputTokensPerSecond: 61.5,
  costUsd: 0.000412,
} as const;

const FAILED = {
  ...LAST,
  answered: 0,
  outcome: "CONNECTION_REFUSED",
  message: "CONNECTION_REFUSED: Nobody listens at http://10.0.0.9:8000.",
  ttftNs: null,
  e2eNs: null,
  outputTokensPerSecond: null,
  costUsd: null,
} as const;

const target = (provider: string, model: string, label = `${provider}:${model}`) => ({ provider, model, label, origin: null });

/** A monitor of four targets, one in each state. */
export const STATUS: MonitorStatus = {
  tool: { name: "llm-latency-lens", version: "0.1.0" },
  startedAtMs: NOW_MS - 7 * 3_600_000,
  nowMs: NOW_MS,
  intervalNs: 60e9,
  probesPerRound: 2,
  historyBinMs: BIN_MS,
  historyMs: 180 * BIN_MS,
  budget: { limitUsd: 5, spentUsd: 1.234, exhausted: false },
  notes: [],
  targets: [
    { target: target("openai", "gpt-6-sol"), state: "up", last: LAST, history: historyOf(320, 40) },
    { target: target("openai", "llama-4", "our own server"), state: "down", last: FAILED, history: historyOf(80, 3) },
    { target: target("anthropic", "claude-sonnet-5-5"), state: "paused", last: LAST, history: historyOf(900) },
    { target: target("google", "gemini-4-flash"), state: "waiting", last: null, history: [] },
  ],
};

const HARM = '"><script>document.title = "owned"</script><img src=x onerror=alert(1)>\u202E';

/** The same with names and messages that mean harm, and as long as they come. */
export const HOSTILE_STATUS: MonitorStatus = {
  ...STATUS,
  notes: [`The configuration could not be read, so the one before stays in force: ${HARM}`],
  budget: { limitUsd: 5, spentUsd: 5, exhausted: true },
  targets: STATUS.targets.map((each, index) => ({
    ...each,
    target: target(HARM, "m".repeat(300), `${HARM}${index}`),
    last: each.last === null ? null : { ...each.last, answered: 0, outcome: "MALFORMED_EVENT", message: HARM.repeat(20) },
  })),
};
