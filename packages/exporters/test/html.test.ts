import { createHash } from "node:crypto";
import type { ComparisonReport, Report } from "@lens/metrics";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { htmlComparisonExporter, htmlExporter } from "../src/index.ts";
import { HOSTILE_COMPARISON, SAME_FIGURES, SAVED, THREE, TWO, UNDECIDED } from "./comparisons.ts";
import { chartsOf, structureOf, tagsOf, wordsOf } from "./pages.ts";
import { ALL_FAILED, CLOSED_LOOP, DRIFTING, EMPTY, GATED, HOSTILE, OPEN_LOOP, reportOf, request, SINGLE, SWEEP } from "./reports.ts";

const REPORTS = {
  "closed-loop": CLOSED_LOOP,
  "open-loop": OPEN_LOOP,
  single: SINGLE,
  "all-failed": ALL_FAILED,
  empty: EMPTY,
  hostile: HOSTILE,
  sweep: SWEEP,
  gated: GATED,
  drifting: DRIFTING,
};
const COMPARISONS = { two: TWO, saved: SAVED, three: THREE, same: SAME_FIGURES, undecided: UNDECIDED, hostile: HOSTILE_COMPARISON };
const PAGES: readonly (readonly [string, string])[] = [
  ...Object.entries(REPORTS).map(([name, report]) => [name, htmlExporter.render(report)] as const),
  ...Object.entries(COMPARISONS).map(([name, report]) => [`comparison-${name}`, htmlComparisonExporter.render(report)] as const),
];
const GOLDEN = ["closed-loop", "sweep", "gated", "empty", "all-failed", "comparison-two", "comparison-three"];

const records = Array.from({ length: 60 }, (_, index) => request(index));

/** A report in which every text from outside is this one. */
function named(name: string): Report {
  const plain = request(0);
  const target = { provider: "x", model: name, label: name, origin: name };
  const error = { code: "RATE_LIMITED", message: name, status: 429, providerType: name, retryable: true, retryAfterMs: null } as const;
  return reportOf(
    [
      request(0, { target, reply: { ...plain.reply, model: name, rateLimit: { [name]: name } } }),
      request(1, { target, outcome: { kind: "error", finishReason: name, error } }),
    ],
    { command: name, options: { [name]: name }, versions: { [name]: name }, machine: { platform: name, arch: name, cpu: name, cores: 2 } },
    { notes: [name] },
  );
}

describe("an HTML page", () => {
  test.each(PAGES.filter(([name]) => GOLDEN.includes(name)))("of %s has the structure of its golden file", async (name, page) => {
    await expect(structureOf(page)).toMatchFileSnapshot(`golden/html/${name}.html`);
  });

  test("shows single requests where it is given them", async () => {
    await expect(
      structureOf(htmlExporter.render(CLOSED_LOOP, { records })).split('<section id="waterfall"')[1]?.split("</section>")[0],
    ).toMatchFileSnapshot("golden/html/single-requests.html");
    expect(htmlExporter.render(CLOSED_LOOP)).not.toContain('id="waterfall"');
  });

  test.each(PAGES)("of %s names the only script and the only style sheet that may act, by their hashes", (_name, page) => {
    const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page) ?? [];
    const hashOf = (code: string): string => `'sha256-${createHash("sha256").update(code).digest("base64")}'`;
    const [scripts, styles] = [[...page.matchAll(/<script>(.*?)<\/script>/gs)], [...page.matchAll(/<style>(.*?)<\/style>/gs)]];
    expect([scripts.length, styles.length]).toEqual([1, 1]);
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src ${hashOf(scripts[0]?.[1] ?? "")}`,
      `style-src ${hashOf(styles[0]?.[1] ?? "")}`,
      "img-src data:",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  test.each(PAGES)("of %s holds no style or handler in a tag, and no address that is loaded", (_name, page) => {
    expect(tagsOf(page).filter((tag) => /\s(?:style|on\w+|src|srcset)\b/.test(tag))).toEqual([]);
    expect(tagsOf(page).filter((tag) => tag.startsWith("<link"))).toEqual(["<link rel href />"]);
    expect(page).toContain('<link rel="icon" href="data:');
  });

  test.each(PAGES)("of %s is smaller than 1 MB and ends with a line break", (_name, page) => {
    expect(Buffer.byteLength(page)).toBeLessThan(1_000_000);
    expect(page.endsWith("</html>\n")).toBe(true);
  });

  test.each(PAGES)("of %s never says NaN, undefined, Infinity or [object", (_name, page) => {
    expect(wordsOf(page)).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(JSON.stringify(chartsOf(page))).not.toContain("undefined");
  });

  test.each(PAGES)("of %s gives each chart its place, and each place its chart", (_name, page) => {
    const places = [...page.matchAll(/<div class="plot" id="([^"]+)"/g)].map(([, id]) => id);
    expect(places).toEqual(chartsOf(page).map(({ id }) => id));
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(PAGES)("of %s gives each line of a chart a value for each place", (_name, page) => {
    for (const { xs, series } of chartsOf(page)) {
      expect(xs).toEqual(xs.toSorted((one, other) => one - other));
      for (const { values } of series) expect(values).toHaveLength(xs.length);
    }
  });
});

describe("a page's words", () => {
  const words = (report: Report): string => wordsOf(htmlExporter.render(report));

  test("answer first: how fast, how sure, what it cost, and what the instrument says", () => {
    const [header = ""] = words(CLOSED_LOOP).split(" Latency Latencies of the answered requests ");
    expect(header).toContain("openai:gpt-6-sol");
    expect(header).toContain(
      "The first token comes after 250 ms (95 % sure: 245–254 ms), and the answer is whole after 350 ms , in the median of 397 answers.",
    );
    expect(header).toContain("0.8 % of the requests were not answered.");
    expect(header).toContain("Cost $0.103");
    expect(header).toContain("✓ instrument error p99 298 µs: fine");
  });

  test("say what a run without requests, or without answers, is", () => {
    expect(words(EMPTY)).toContain("An empty run");
    expect(words(EMPTY)).toContain("No request was recorded.");
    expect(words(ALL_FAILED)).toContain("None of its 5 requests was answered:");
    expect(words(ALL_FAILED)).toContain("RATE_LIMITED 5");
  });

  test("count the thresholds that were met, and give each its verdict", () => {
    expect(words(GATED)).toMatch(/✗ \d of 6 thresholds met/);
    expect(words(GATED)).toContain("✗ cannot be judged");
  });

  test("name the levels of the only target by their load", () => {
    expect(words(SWEEP)).toContain("Highest load 4 requests/s that meets ttft p95 &lt; 1s");
    expect(words(SWEEP)).toContain("has its knee at 2 requests/s");
  });

  test("explain each metric of the report", () => {
    const page = htmlExporter.render(CLOSED_LOOP);
    for (const { definition } of Object.values(CLOSED_LOOP.definitions))
      expect(wordsOf(page)).toContain(definition.replaceAll("'", "&#39;").replaceAll(">", "&gt;"));
  });

  test("say what a comparison comes to, and every figure with its interval", () => {
    const page = wordsOf(htmlComparisonExporter.render(TWO));
    expect(page).toContain("▲ B is 8.0 % slower at TTFT p50 (7.2 % … 9.0 %).");
    expect(page).toContain("TTFT p50 201 ms 217 ms +8.0 % +7.2 … +9.0 +8.0 %, interval +7.2 … +9.0 % ▲ slower");
    expect(page).toContain("? not enough data about 1,200 more requests to each");
  });
});

describe("text from outside", () => {
  const plain = tagsOf(htmlExporter.render(named("m")));

  test("makes no tag and no attribute, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 40 }), (text) => {
        expect(tagsOf(htmlExporter.render(named(`m${text}`)))).toEqual(plain);
      }),
    );
  });

  test.each([
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>",
    '"><img src=x onerror=alert(1)>',
    "' onload='x",
    "&lt;&#60;",
    "${1}",
    "\u2028\u2029\u202e",
  ])("stands as text where it is %j", (text) => {
    const page = htmlExporter.render(named(`m${text}`), { records: [request(0, { id: text })] });
    expect(tagsOf(page).filter((tag) => tag.startsWith("<img") || tag.startsWith("<script"))).toEqual(["<script type id>", "<script>"]);
    expect(chartsOf(page)[0]?.series[0]?.label).toBe(`m${text.replaceAll(/[\u2028\u2029\u202e]/g, "")}`);
  });

  test("of 10,000 characters is cut, with the whole of it behind", () => {
    const name = `m${"模".repeat(9_999)}`;
    const page = htmlExporter.render(named(name));
    expect(page.split(name)).toHaveLength(2);
    expect(page).toContain(`<span title="${name}">m${"模".repeat(46)}…</span>`);
    expect(wordsOf(page)).not.toContain(name);
  });
});

describe("a page of many targets", () => {
  const groups = Array.from({ length: 40 }, (_, at) =>
    Array.from({ length: 120 }, (_each, index) =>
      request(index + at * 120, { target: { provider: "p", model: `m${at}`, label: `p:m${at}`, origin: null } }),
    ),
  );
  const page = htmlExporter.render(reportOf(groups.flat()));

  test("is smaller than 5 MB and holds all of them in each chart", () => {
    expect(Buffer.byteLength(page)).toBeLessThan(5_000_000);
    for (const { id, series } of chartsOf(page)) if (!id.startsWith("time-errors")) expect([id, series.length]).toEqual([id, 40]);
  });

  test("limits the points of a chart", () => {
    const points = ({ xs, series }: ReturnType<typeof chartsOf>[number]): number => xs.length * series.length;
    expect(Math.max(...chartsOf(page).map(points))).toBeLessThan(45_000);
  });
});

test("a comparison of nothing holds", () => {
  const nothing: ComparisonReport = { ...TWO, sides: [], comparisons: [] };
  expect(htmlComparisonExporter.render(nothing)).toContain("</html>");
});
