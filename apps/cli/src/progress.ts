import { type Cancel, formatDuration, type RequestRecord } from "@lens/core";
import { isAnswered, ttftNs } from "@lens/metrics";
import type { Io } from "./io.ts";

/** Tells people how a run goes, on standard error. */
export interface Progress {
  add(record: RequestRecord): void;
  /** Takes the line away. */
  stop(): Promise<void>;
}

export interface ProgressOptions {
  readonly io: Io;
  readonly label: string;
  /** Requests to come; null where a duration decides. */
  readonly requests: number | null;
  readonly durationNs: number | null;
}

/** A line that is redrawn is quick; lines that stay are rare. */
const REDRAW_NS = 100e6;
const LINE_EVERY_NS = 5e9;
const RECENT = 50;

/** Shows one line that is redrawn on a terminal, and a line every few seconds elsewhere. It draws from a timer, never per request. */
export function startProgress(options: ProgressOptions): Progress {
  const { io } = options;
  const { clock, stderr } = io;
  const startNs = clock.nowNs();
  const recentTtftNs: number[] = [];
  let done = 0;
  let failed = 0;
  let cancel: Cancel = () => undefined;

  const draw = (): void => {
    const line = describe({ ...options, done, failed, elapsedNs: Number(clock.nowNs() - startNs), ttftNs: median(recentTtftNs) });
    void stderr.write(stderr.isTty ? `\r\x1b[2K${line.slice(0, Math.max(20, stderr.columns - 1))}` : `${line}\n`);
    schedule();
  };
  const schedule = (): void => {
    cancel = clock.after(stderr.isTty ? REDRAW_NS : LINE_EVERY_NS, draw);
  };
  schedule();

  return {
    add(record) {
      done += 1;
      if (!isAnswered(record)) failed += 1;
      const value = ttftNs(record);
      if (value === null) return;
      recentTtftNs.push(value);
      if (recentTtftNs.length > RECENT) recentTtftNs.shift();
    },
    async stop() {
      cancel();
      if (stderr.isTty) await stderr.write("\r\x1b[2K");
    },
  };
}

interface State extends Omit<ProgressOptions, "io"> {
  readonly done: number;
  readonly failed: number;
  readonly elapsedNs: number;
  readonly ttftNs: number | null;
}

function describe({ label, requests, durationNs, done, failed, elapsedNs, ttftNs: recentNs }: State): string {
  const count = requests === null ? `${done} requests` : `${done}/${requests} requests`;
  const time = durationNs === null ? formatDuration(elapsedNs) : `${formatDuration(elapsedNs)} of ${formatDuration(durationNs)}`;
  const speed = recentNs === null ? [] : [`TTFT ${formatDuration(recentNs)} lately`];
  return [label, count, ...(failed === 0 ? [] : [`${failed} failed`]), ...speed, time].join(" · ");
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}
