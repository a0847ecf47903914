import { formatDuration, type RequestRecord } from "@lens/core";
import { formatCount } from "@lens/exporters";
import type { LoadProgress } from "@lens/load";
import { wantsColor } from "./color.ts";
import type { Io } from "./io.ts";
import { type Expectation, type LiveState, renderFrame } from "./live-frame.ts";
import { createLiveWindow } from "./live-window.ts";
import type { Notices } from "./notices.ts";

/** Tells people how a run goes, on standard error. */
export interface Progress {
  add(record: RequestRecord): void;
  /** Takes in how the run goes; draws, or writes a line, where it is time to. */
  update(progress: LoadProgress): void;
  /** Takes away what was drawn. */
  stop(): Promise<void>;
}

export interface ProgressOptions {
  readonly io: Io;
  readonly notices: Notices;
  /** Null where neither flag was given. */
  readonly color: boolean | undefined;
  readonly expected: Expectation;
  /** Aborts when the user asks to stop. */
  readonly signal: AbortSignal;
}

/** Lines that stay are rare; those that are redrawn come as often as the run is heard of, ten times a second. */
const LINE_EVERY_NS = 5e9;

/** Shows a region that is redrawn on a terminal, and a line every few seconds elsewhere. */
export async function startProgress(options: ProgressOptions): Promise<Progress> {
  const { io, expected, signal } = options;
  const window = createLiveWindow(io.clock);
  const startNs = io.clock.nowNs();
  const show = io.stderr.isTty ? await showRegion(options) : showLines(options);
  let measured = 0;
  let measuringSinceNs: bigint | null = null;
  return {
    add(record) {
      window.add(record);
      if (record.phase === "measured") measured += 1;
    },
    update(progress) {
      const nowNs = io.clock.nowNs();
      if (progress.phase === "measured" || progress.phase === "drain") measuringSinceNs ??= nowNs;
      const measuringNs = measuringSinceNs === null ? null : Number(nowNs - measuringSinceNs);
      show.draw(
        { expected, progress, figures: window.figures(), measured, measuringNs, stopping: signal.aborted },
        Number(nowNs - startNs),
      );
    },
    stop: () => show.stop(),
  };
}

/** A way to show how a run goes. */
interface Show {
  draw(state: LiveState, elapsedNs: number): void;
  stop(): Promise<void>;
}

async function showRegion({ io, notices, color }: ProgressOptions): Promise<Show> {
  const { createScreen } = await import("./screen.ts");
  const screen = createScreen(io.stderr);
  const colored = wantsColor(color, io.env, io.stderr);
  notices.attach(screen);
  return {
    draw: (state) => screen.draw(renderFrame(state, { color: colored, columns: io.stderr.columns })),
    async stop() {
      notices.attach(null);
      screen.clear();
      await io.stderr.write("");
    },
  };
}

function showLines({ notices }: ProgressOptions): Show {
  let nextNs = LINE_EVERY_NS;
  return {
    draw(state, elapsedNs) {
      if (elapsedNs < nextNs) return;
      nextNs = elapsedNs + LINE_EVERY_NS;
      void notices.say(`${describe(state, elapsedNs)}\n`);
    },
    stop: async () => undefined,
  };
}

function describe({ expected, progress, figures, measured }: LiveState, elapsedNs: number): string {
  const { label, requests, durationNs } = expected;
  const failed = Object.values(progress.failedByCode).reduce((sum, count) => sum + count, 0);
  const count = requests === null ? `${formatCount(measured)} requests` : `${formatCount(measured)}/${formatCount(requests)} requests`;
  const time = durationNs === null ? formatDuration(elapsedNs) : `${formatDuration(elapsedNs)} of ${formatDuration(durationNs)}`;
  const speed = figures.ttft.p50Ns === null ? [] : [`TTFT ${formatDuration(figures.ttft.p50Ns)} lately`];
  return [label, count, ...(failed === 0 ? [] : [`${formatCount(failed)} failed`]), ...speed, time].join(" · ");
}
