import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { renderStatusPage, STATUS_POLICY } from "../src/index.ts";
import { HOSTILE_STATUS, STATUS } from "./status-pages.ts";

const PAGE = renderStatusPage(STATUS);

describe("the status page of a monitor", () => {
  test("says of each target how it does, in words", () => {
    const text = PAGE.replaceAll(/<style>.*<\/style>/gs, "")
      .replaceAll(/<[^>]+>/g, " ")
      .replaceAll(/\s+/g, " ");
    expect(text).toContain("1 down 1 paused 1 waiting 1 up");
    expect(text).toContain("openai:gpt-6-sol ✓ up");
    expect(text).toContain("TTFT 312 ms E2E 2.40 s tokens/s 61.5 cost $0.000412 answered 2 of 2 last round 12.0 s ago");
    expect(text).toContain("our own server openai:llama-4 ✗ down");
    expect(text).toContain("CONNECTION_REFUSED Nobody listens at http://10.0.0.9:8000.");
    expect(text).toContain("No round has ended yet.");
    expect(text).toContain("Each target every 60.0 s, 2 requests a round · $1.23 spent this UTC day of $5.00");
    expect(text).toContain("last 6 hours: 360 requests, 97.8 % answered, TTFT at most");
  });

  test("says that the budget is spent, and what stands against the monitor", () => {
    const page = renderStatusPage({
      ...STATUS,
      notes: ["The configuration could not be read."],
      budget: { limitUsd: 5, spentUsd: 5, exhausted: true },
    });
    expect(page).toContain("The day's budget of $5.00 is spent: probes pause until midnight UTC.");
    expect(page).toContain("The configuration could not be read.");
  });

  test("loads nothing, and no script runs in it", () => {
    const [, style = ""] = /<style>(.*)<\/style>/s.exec(PAGE) ?? [];
    const hash = createHash("sha256").update(style).digest("base64");
    expect(STATUS_POLICY).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    for (const page of [PAGE, renderStatusPage(HOSTILE_STATUS)]) {
      expect(page).not.toMatch(/<script|<img|<link|style="|\son\w+="/);
      expect([...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address)).toEqual(["metrics", "report.json"]);
      expect(page).not.toContain("\u202E");
    }
  });

  test("draws the last hours, marks failures, and nothing that is no number", () => {
    const paths = [...PAGE.matchAll(/<path class="(\w+)" d="([^"]*)"/g)].map(([, name = "", shape = ""]) => ({ name, shape }));
    const [, , , up] = paths.filter(({ name }) => name === "line");
    expect(up?.shape.match(/[ML]/g)).toHaveLength(176);
    expect(paths.filter(({ name }) => name === "failed")).toHaveLength(4 + 60);
    for (const { shape } of paths) expect(shape).toMatch(/^[\dMLHVh. ]*$/);
  });

  test("has what is grave first, and goes back no further than it has to", () => {
    const [, ...cards] = PAGE.split('<li class="');
    expect(cards.map((card) => card.slice(0, card.indexOf("-")))).toEqual(["bad", "doubtful", "faint", "good"]);
    const young = STATUS.targets.map((target) => ({ ...target, history: target.history.slice(-25) }));
    expect(renderStatusPage({ ...STATUS, targets: young })).toContain("last 1 hour: 50 requests");
  });

  test("says nothing of money that nobody counted", () => {
    const words = (budget: typeof STATUS.budget): string => renderStatusPage({ ...STATUS, budget });
    expect(words({ limitUsd: null, spentUsd: 0, exhausted: false })).not.toContain("spent");
    expect(words({ limitUsd: null, spentUsd: 0.5, exhausted: false })).toContain("$0.500 spent this UTC day");
  });

  test("of no target, or of fifty, is a page", () => {
    expect(renderStatusPage({ ...STATUS, targets: [] })).toContain("0 down of 0");
    const fifty = Array.from({ length: 50 }, () => STATUS.targets)
      .flat()
      .slice(0, 50);
    expect(renderStatusPage({ ...STATUS, targets: fifty }).length).toBeLessThan(400_000);
  });
});
