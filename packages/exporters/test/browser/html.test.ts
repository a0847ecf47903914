import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { htmlComparisonExporter, htmlExporter } from "../../src/index.ts";
import { HOSTILE_COMPARISON, THREE, TWO } from "../comparisons.ts";
import { chartOf, chartsOf } from "../pages.ts";
import { ALL_FAILED, CLOSED_LOOP, EMPTY, GATED, HOSTILE, OPEN_LOOP, reportOf, request, SWEEP } from "../reports.ts";
import { drawAll, findBrowser, type Opened, startViewer, type Viewer } from "./browser.ts";

const BROWSER = findBrowser();
if (BROWSER === null)
  console.warn("No Chromium here (LENS_CHROMIUM, or chromium on the path): what the HTML report does in a browser is not tested.");

const MANY = reportOf(
  Array.from({ length: 40 * 60 }, (_, index) => {
    const label = `p:m${index % 40}`;
    return request(index, { target: { provider: "p", model: label, label, origin: null } });
  }),
);

const records = Array.from({ length: 60 }, (_, index) => request(index));
const CLOSED = htmlExporter.render(CLOSED_LOOP, { records });
const PAGES = {
  "a closed loop": CLOSED,
  "an open loop": htmlExporter.render(OPEN_LOOP),
  "a sweep": htmlExporter.render(SWEEP),
  "a run with thresholds": htmlExporter.render(GATED),
  "a run where all failed": htmlExporter.render(ALL_FAILED),
  "an empty run": htmlExporter.render(EMPTY),
  "harmful names": htmlExporter.render(HOSTILE),
  "40 targets": htmlExporter.render(MANY),
  "a comparison": htmlComparisonExporter.render(TWO),
  "a comparison of three": htmlComparisonExporter.render(THREE),
  "a comparison of harmful names": htmlComparisonExporter.render(HOSTILE_COMPARISON),
};
const NAMED = Object.entries(PAGES);

/** How many pixels of a chart are not of its ground. */
const inkOf = (page: Page, id: string): Promise<number> =>
  page.evaluate(`(() => {
    const canvas = document.querySelector("#${id} canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, index) => index % 4 === 3 && value > 0).length;
  })()`);

const pictureOf = (page: Page, id: string): Promise<string> => page.evaluate(`document.querySelector("#${id} canvas").toDataURL()`);

const plotOf = (page: Page, id: string) => page.locator(`#${id} .u-over`);

/** The values in the legend of a chart, by name. */
async function legendOf(page: Page, id: string): Promise<Readonly<Record<string, string>>> {
  const rows = await page.locator(`#${id} .u-series`).all();
  const pairs = rows.map(async (row) => [await row.locator("th").innerText(), await row.locator("td").innerText()] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

/** The contrast of two colours, as WCAG defines it. */
const CONTRAST = `(() => {
  const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = (color) => { const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(channel); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = light(getComputedStyle(document.body).backgroundColor);
  const probe = document.body.appendChild(document.createElement("span"));
  const contrastOf = (name) => {
    probe.className = name;
    const ink = light(getComputedStyle(probe).color);
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
  };
  return { words: ["", "faint", "good", "bad", "doubtful"].map(contrastOf), lines: [0, 1, 2, 3, 4, 5, 6, 7].map((index) => contrastOf("ink-" + index)) };
})()`;

/** What would keep those who do not see a page from reading it. */
const FAULTS_FOR_READERS = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const name = (element) => element.getAttribute("aria-label") || element.querySelector("title")?.textContent || element.textContent.trim();
  const levels = all("h1, h2, h3").map((heading) => Number(heading.tagName[1]));
  return [
    ...all(".wide table").filter((table) => !table.caption || table.caption.textContent.trim() === "").map(() => "a table without a caption"),
    ...all(".wide th").filter((head) => !["row", "col"].includes(head.scope)).map(() => "a head without a scope"),
    ...all(".wide tr").filter((row) => row.querySelectorAll("th, td").length !== row.closest("table").tHead.rows[0].cells.length).map((row) => "a row of another length: " + row.textContent),
    ...all("[role=img], [role=region], [role=switch], button, a, summary").filter((element) => !name(element)).map((element) => "no name: " + element.outerHTML.slice(0, 80)),
    ...levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1).map(() => "a heading too deep"),
    ...(all("h1").length === 1 ? [] : ["not one first heading"]),
    ...(document.documentElement.lang === "en" ? [] : ["no language"]),
    ...(document.querySelectorAll("main, nav, header, footer").length === 4 ? [] : ["no landmarks"]),
  ];
})()`;

describe.skipIf(BROWSER === null)("in a browser", { timeout: 60_000 }, () => {
  let viewer: Viewer;

  beforeAll(async () => {
    viewer = await startViewer(BROWSER ?? "");
  }, 60_000);
  afterAll(() => viewer.close());

  describe.each(NAMED)("%s", (_name, html) => {
    let opened: Opened;

    beforeAll(async () => {
      opened = await viewer.open(html);
      await drawAll(opened.page);
    }, 60_000);
    afterAll(() => opened.page.context().close());

    test("draws every chart, says nothing to the console and asks for nothing", async () => {
      for (const { id } of chartsOf(html)) expect([id, (await inkOf(opened.page, id)) > 500]).toEqual([id, true]);
      expect(opened.said).toEqual([]);
      expect(opened.asked).toEqual([]);
    });

    test("can be read without seeing it", async () => {
      expect(await opened.page.evaluate(FAULTS_FOR_READERS)).toEqual([]);
    });

    test("fits a phone, with tables that scroll by themselves", async () => {
      await opened.page.setViewportSize({ width: 400, height: 800 });
      expect(await opened.page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(400);
      for (const plot of await opened.page.locator(".plot canvas").all())
        expect((await plot.boundingBox())?.width).toBeLessThanOrEqual(400);
    });
  });

  test.each(NAMED)("%s: shows its tables without scripts, and says where the charts are", async (_name, html) => {
    const { page, said } = await viewer.open(html, { javaScriptEnabled: false });
    const tables = page.locator("table");
    for (const table of await tables.all()) {
      const folded = table.locator("xpath=ancestor::details[not(@open)]");
      if ((await folded.count()) === 0) expect(await table.isVisible()).toBe(true);
    }
    expect(await page.locator(".plot").first().isVisible()).toBe(false);
    expect(await page.getByText("Without scripts there are no charts").isVisible()).toBe(true);
    expect(said).toEqual([]);
    await page.context().close();
  });

  test("hovering shows the values under the cursor, which are those of the data", async () => {
    const { page } = await viewer.open(CLOSED);
    await drawAll(page);
    await plotOf(page, "ttft-percentiles").hover();
    const legend = await legendOf(page, "ttft-percentiles");
    expect(legend["percentile"]).toMatch(/^p\d/);
    expect(legend["openai:gpt-6-sol"]).toMatch(/^2\d\d ms$/);
    await page.context().close();
  });

  test("hovering over one chart of the run shows the same moment in the others", async () => {
    const { page } = await viewer.open(CLOSED);
    await drawAll(page);
    await plotOf(page, "time-ttft").hover();
    const [here, there] = [await legendOf(page, "time-ttft"), await legendOf(page, "time-e2e")];
    expect(here["since the start"]).toMatch(/s$/);
    expect(there["since the start"]).toBe(here["since the start"]);
    await page.context().close();
  });

  test("dragging zooms in, and Escape shows all again", async () => {
    const { page } = await viewer.open(CLOSED);
    await drawAll(page);
    const plot = plotOf(page, "e2e-percentiles");
    await plot.scrollIntoViewIfNeeded();
    const whole = await pictureOf(page, "e2e-percentiles");
    const box = await plot.boundingBox();
    if (box === null) throw new Error("no plot");
    await page.mouse.move(box.x + box.width * 0.3, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 50, { steps: 5 });
    await page.mouse.up();
    expect(await pictureOf(page, "e2e-percentiles")).not.toBe(whole);
    await page.locator("#e2e-percentiles .u-wrap").press("Escape");
    expect(await pictureOf(page, "e2e-percentiles")).toBe(whole);
    await page.context().close();
  });

  test("the legend takes lines away and brings them back, by mouse and by key", async () => {
    const { page } = await viewer.open(CLOSED);
    await drawAll(page);
    const both = await inkOf(page, "time-ttft");
    const p95 = page.locator("#time-ttft").getByRole("switch", { name: "p95" });
    await p95.click();
    expect(await p95.getAttribute("aria-checked")).toBe("false");
    expect(await inkOf(page, "time-ttft")).not.toBe(both);
    await p95.press("Enter");
    expect(await p95.getAttribute("aria-checked")).toBe("true");
    await page.context().close();
  });

  test("arrow keys read the values of a chart out", async () => {
    const { page } = await viewer.open(CLOSED);
    await drawAll(page);
    const plot = page.locator("#ttft-percentiles").getByRole("img");
    await plot.press("ArrowRight");
    await plot.press("ArrowRight");
    const { xs } = chartOf(CLOSED, "ttft-percentiles");
    expect(await page.locator("#ttft-percentiles").getByRole("status").innerText()).toMatch(
      /^percentile p\d+(\.\d)?: openai:gpt-6-sol 2\d\d ms$/,
    );
    expect(xs.length).toBeGreaterThan(2);
    await page.context().close();
  });

  test("is dark where the reader's system is, and can be told otherwise", async () => {
    const { page } = await viewer.open(CLOSED, { colorScheme: "dark" });
    await drawAll(page);
    const ground = (): Promise<string> => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const [dark, picture] = [await ground(), await pictureOf(page, "ttft-percentiles")];
    await page.getByRole("button", { name: "Theme: auto" }).click();
    expect([dark, await ground()]).toEqual(["rgb(20, 23, 26)", "rgb(255, 255, 255)"]);
    expect(await pictureOf(page, "ttft-percentiles")).not.toBe(picture);
    await page.reload();
    expect(await ground()).toBe("rgb(255, 255, 255)");
    await page.context().close();
  });

  test.each(["light", "dark"] as const)("has words and lines that stand out from the ground, in a %s room", async (colorScheme) => {
    const { page } = await viewer.open(CLOSED, { colorScheme });
    const { words, lines }: { readonly words: readonly number[]; readonly lines: readonly number[] } = await page.evaluate(CONTRAST);
    expect(Math.min(...words)).toBeGreaterThanOrEqual(4.5);
    expect(Math.min(...lines)).toBeGreaterThanOrEqual(3);
    await page.context().close();
  });

  test("draws at first only what is near, so that a page of 40 targets opens at once", async () => {
    const html = PAGES["40 targets"];
    const { page } = await viewer.open(html);
    await page.locator(".plot").first().scrollIntoViewIfNeeded();
    await page.locator("canvas").first().waitFor();
    expect(await page.locator("canvas").count()).toBeLessThan(chartsOf(html).length);
    await page.context().close();
  });

  test("draws all charts before it is printed, in the colours of paper", async () => {
    const { page } = await viewer.open(CLOSED, { colorScheme: "dark" });
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    expect(await page.locator("canvas").count()).toBe(chartsOf(CLOSED).length);
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(20, 23, 26)");
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("nav").isVisible()).toBe(false);
    await page.context().close();
  });

  test("runs no script but its own, even if one were in it", async () => {
    const smuggled =
      '<script>document.title = "owned"</script><img src="http://127.0.0.1:9/x.png"><p id="p" style="color: rgb(1, 2, 3)">x</p>';
    const { page, said, asked } = await viewer.open(CLOSED.replace("<footer>", () => `${smuggled}<footer>`));
    await drawAll(page);
    expect(await page.title()).toBe("Latency of openai:gpt-6-sol");
    expect(await page.evaluate('getComputedStyle(document.getElementById("p")).color')).not.toBe("rgb(1, 2, 3)");
    expect(said.filter((text) => text.includes("Content Security Policy"))).toHaveLength(3);
    // The request is announced, and refused before it is sent.
    expect(asked.length).toBeLessThanOrEqual(1);
    await page.context().close();
  });
});
