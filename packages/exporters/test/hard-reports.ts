import type { RequestRecord } from "@lens/core";
import type { Report } from "@lens/metrics";
import { ALL_FAILED, CLOSED_LOOP, DRIFTING, EMPTY, GATED, HOSTILE, OPEN_LOOP, reportOf, request, SINGLE, SWEEP } from "./reports.ts";

/** Names that spreadsheets, browsers and renderers of Markdown take for something else. */
export const NAMES = [
  "=1+1",
  "-2+3",
  "+1",
  "@SUM(A1)",
  "\t=1",
  "＝1+1",
  '<script>alert("x")</script>',
  "a|b\\|c",
  "`code` **bold** [x](http://x) #1",
  'quote " comma , line\nbreak',
  "]]>",
] as const;

const named = (record: RequestRecord, name: string): RequestRecord => ({
  ...record,
  target: { provider: name, model: name, label: name, origin: null },
  reply: { ...record.reply, model: name },
});

/** A target for each of those names. */
export const HARMFUL = reportOf(
  NAMES.map((name, index) => named(request(index), name)),
  { command: `lens benchmark ${NAMES.join(" ")}` },
  { notes: NAMES },
);

/** Forty targets of a few requests each. */
export const FORTY = reportOf(
  Array.from({ length: 40 }, (_, target) =>
    Array.from({ length: 12 }, (__, index) => named(request(index), `sim:model-${target + 1}`)),
  ).flat(),
);

/** Every kind of run that a format has to hold. */
export const REPORTS: Readonly<Record<string, Report>> = {
  "closed-loop": CLOSED_LOOP,
  "open-loop": OPEN_LOOP,
  drifting: DRIFTING,
  single: SINGLE,
  "all-failed": ALL_FAILED,
  empty: EMPTY,
  sweep: SWEEP,
  gated: GATED,
  hostile: HOSTILE,
  harmful: HARMFUL,
  forty: FORTY,
};
