import type { RequestRecord } from "@lens/core";
import { createVirtualClock, type VirtualClock } from "@lens/core/testing";
import type { LoadProgress } from "@lens/load";
import { describe, expect, test } from "vitest";
import { createLiveWindow } from "../src/live-window.ts";
import { createNotices } from "../src/notices.ts";
import { type Progress, startProgress } from "../src/progress.ts";
import { createFakeIo, type FakeIo } from "./fake-io.ts";
import { createFakeTerminal, type FakeTerminal } from "./fake-terminal.ts";

const MS = 1e6;

/** A request that was answered after so long, with a token every 20 ms. */
function answered(ttftMs: number, changes: Partial<RequestRecord> = {}): RequestRecord {
  const atNs = [0, 20, 40, 60, 80].map((ms) => (ttftMs + ms) * MS);
  return {
    phase: "measured",
    attempts: [{ sentNs: 0 }],
    arrivals: { atNs, kind: atNs.map(() => "text") },
    endNs: (ttftMs + 80) * MS,
    usage: { inputTokens: 1, outputTokens: 5 },
    usageSource: "reported",
    outcome: { kind: "ok", finishReason: "stop", error: null },
    latenessNs: 0.4 * MS,
    ...changes,
  } as RequestRecord;
}

const failed = (): RequestRecord =>
  answered(0, { arrivals: { atNs: [], kind: [], events: [], chars: [] }, outcome: { kind: "error", finishReason: null, error: null } });

function progressed(changes: Partial<LoadProgress>): LoadProgress {
  return { elapsedNs: 0, phase: "measured", sent: 0, done: 0, inFlight: 0, lost: 0, level: null, failedByCode: {}, ...changes };
}

interface Setting {
  readonly clock: VirtualClock;
  readonly terminal: FakeTerminal;
  readonly io: FakeIo;
  readonly stop: AbortController;
  readonly notices: ReturnType<typeof createNotices>;
  readonly progress: Progress;
}

async function watching(
  expected: Partial<Parameters<typeof startProgress>[0]["expected"]>,
  { isTty = true, env = {} }: { readonly isTty?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Setting> {
  const clock = createVirtualClock();
  const terminal = createFakeTerminal();
  const io = { ...(await createFakeIo({ env })), clock, ...(isTty ? { stderr: terminal } : {}) };
  const stop = new AbortController();
  const notices = createNotices(io.stderr);
  const options = { label: "openai:gpt-6-luna", requests: 200, durationNs: null, isRate: false, ...expected };
  const progress = await startProgress({ io, notices, color: undefined, expected: options, signal: stop.signal });
  return { clock, terminal, io, stop, notices, progress };
}

describe("the live view on a terminal", () => {
  test("begins with what is not known yet", async () => {
    const { terminal, progress } = await watching({});
    progress.update(progressed({ elapsedNs: 100 * MS, phase: "warmup", sent: 20, inFlight: 20, level: 20 }));
    expect(terminal.shown()).toBe(
      [
        "openai:gpt-6-luna · 20 at once · warming up",
        "░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0 % · 100 ms",
        "sent 20 · done 0 · in flight 20",
        "requests/s – · tokens/s –",
        "TTFT  p50 –         p95 –         p99 –",
        "gap   p50 –         p95 –         p99 –",
        "instrument error –",
      ].join("\n"),
    );
  });

  test("shows how far a closed loop is, its failures, and the last seconds", async () => {
    const { clock, terminal, progress } = await watching({});
    progress.update(progressed({ level: 20 }));
    for (let second = 0; second < 5; second += 1) {
      for (let request = 0; request < 20; request += 1) progress.add(answered(200 + second * 50 + request));
      clock.advance(1e9);
    }
    for (let request = 0; request < 3; request += 1) progress.add(failed());
    progress.update(
      progressed({ elapsedNs: 5e9, sent: 123, done: 103, inFlight: 20, level: 20, failedByCode: { STREAM_CUT: 1, RATE_LIMITED: 2 } }),
    );
    expect(terminal.shown()).toBe(
      [
        "openai:gpt-6-luna · 20 at once · measuring",
        "███████████████░░░░░░░░░░░░░░░  52 % · 5.00 s · about 4.71 s left",
        "sent 123 · done 103 · in flight 20 · failed RATE_LIMITED 2, STREAM_CUT 1",
        "requests/s 20.6 · tokens/s 100",
        "TTFT  p50 309 ms    p95 414 ms    p99 418 ms    ▅▅▆▇█",
        "gap   p50 20.0 ms   p95 20.0 ms   p99 20.0 ms   █████",
        "instrument error p99 400 µs: fine",
      ].join("\n"),
    );
  });

  test("shows the rate beside the one that is due, and the time that is left", async () => {
    const { clock, terminal, progress } = await watching({ requests: null, durationNs: 20e9, isRate: true });
    progress.update(progressed({ level: 10 }));
    for (let request = 0; request < 50; request += 1) {
      clock.advance(100 * MS);
      progress.add(answered(100, request % 10 === 0 ? { latenessNs: 9 * MS } : {}));
    }
    progress.update(progressed({ elapsedNs: 5e9, sent: 60, done: 50, inFlight: 9, lost: 1, level: 10 }));
    expect(terminal.shown().split("\n")).toEqual([
      "openai:gpt-6-luna · 10.0 requests/s due · measuring",
      "████████░░░░░░░░░░░░░░░░░░░░░░  25 % · 5.00 s · about 15.0 s left",
      "sent 60 · done 50 · in flight 9 · lost 1",
      "requests/s 10.0 of 10.0 · tokens/s 50.0",
      "TTFT  p50 100 ms    p95 100 ms    p99 –         ██████",
      "gap   p50 20.0 ms   p95 20.0 ms   p99 20.0 ms   ██████",
      "client-limited: 10.0 % of requests tainted, good to ±9.00 ms",
    ]);
  });

  test("keeps what is said above it, says that it stops, and leaves nothing behind", async () => {
    const { terminal, progress, notices, stop, io } = await watching({ requests: 10 });
    await io.stderr.write("before\n");
    progress.update(progressed({ sent: 1, inFlight: 1 }));
    stop.abort();
    await notices.say("lens: interrupted.\n");
    progress.update(progressed({ sent: 2, inFlight: 2 }));
    expect(terminal.shown().split("\n").slice(0, 3)).toEqual(["before", "lens: interrupted.", "openai:gpt-6-luna · stopping"]);
    await progress.stop();
    await notices.say("after\n");
    expect(terminal.shown()).toBe("before\nlens: interrupted.\nafter");
  });

  test("fits a narrow terminal, also one that is made narrow meanwhile", async () => {
    const { terminal, progress } = await watching({});
    progress.update(progressed({ sent: 100, done: 90, inFlight: 10, failedByCode: { RATE_LIMITED: 2, CONNECTION_REFUSED: 7 } }));
    terminal.resize(30);
    progress.update(progressed({ sent: 101, done: 91, inFlight: 10 }));
    const lines = terminal.shown().split("\n");
    expect(lines).toHaveLength(7);
    expect(Math.max(...lines.map((line) => line.length))).toBe(29);
  });

  test("has colour on a terminal unless NO_COLOR says otherwise", async () => {
    const drawn = async (env: Readonly<Record<string, string>>): Promise<string> => {
      const { io, terminal, progress } = await watching({}, { env });
      const written: string[] = [];
      const { write } = terminal;
      (io.stderr as { write: typeof write }).write = (text) => (written.push(text), write(text));
      progress.update(progressed({ sent: 1 }));
      return written.join("");
    };
    expect(await drawn({})).toContain("\u001b[1m");
    expect(await drawn({ NO_COLOR: "1" })).not.toContain("\u001b[1m");
  });

  test("lets nothing in a name act on the terminal", async () => {
    const { terminal, progress } = await watching({ label: "x\u001b[2Jy" });
    progress.update(progressed({}));
    expect(terminal.shown().split("\n")[0]).toBe("x[2Jy · measuring");
  });
});

describe("progress elsewhere", () => {
  test("is a line every five seconds, and nothing for a short run", async () => {
    const { clock, io, progress } = await watching({ requests: 20 }, { isTty: false });
    progress.add(answered(60));
    progress.add(answered(60));
    progress.add(failed());
    const update = (): void => progress.update(progressed({ failedByCode: { SERVER_ERROR: 1 } }));
    clock.advance(4e9);
    update();
    expect(io.err()).toBe("");
    clock.advance(1e9);
    update();
    clock.advance(1e9);
    update();
    expect(io.err()).toBe("openai:gpt-6-luna · 3/20 requests · 1 failed · TTFT 60.0 ms lately · 5.00 s\n");
    await progress.stop();
  });
});

describe("the window of the last seconds", () => {
  test("forgets what is older than ten of them, save for the trend", () => {
    const clock = createVirtualClock();
    const window = createLiveWindow(clock);
    window.add(answered(500));
    window.add(answered(500));
    clock.advance(15e9);
    window.add(answered(100));
    window.add(answered(100));
    clock.advance(0.5e9);
    const figures = window.figures();
    expect(figures.ttft).toMatchObject({ p50Ns: 100 * MS, trendNs: [500 * MS, 100 * MS] });
    // Of the nine and a half seconds that are left of the window.
    expect(figures.requestsPerSecond).toBeCloseTo(2 / 9.5, 12);
  });

  test("knows of no tokens where no usage was reported", () => {
    const clock = createVirtualClock();
    const window = createLiveWindow(clock);
    window.add(answered(100, { usage: null, usageSource: "none", latenessNs: null }));
    clock.advance(1e9);
    expect(window.figures()).toMatchObject({ requestsPerSecond: 1, tokensPerSecond: null, latenessNs: null });
  });
});
