import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderStatusPage } from "../../src/index.ts";
import { HOSTILE_STATUS, STATUS } from "../status-pages.ts";
import { findBrowser, startViewer, type Viewer } from "./browser.ts";

const BROWSER = findBrowser();
const PAGES = Object.entries({ "every state": renderStatusPage(STATUS), "harmful names": renderStatusPage(HOSTILE_STATUS) });

/** The contrast of each text with what it stands on, as WCAG defines it; the least of them. */
const LEAST_CONTRAST = `(() => {
  const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = (color) => { const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(channel); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const groundOf = (element) => { const { backgroundColor } = getComputedStyle(element); return backgroundColor === "rgba(0, 0, 0, 0)" ? groundOf(element.parentElement) : backgroundColor; };
  const texts = [...document.body.querySelectorAll("*")].filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== ""));
  return Math.min(...texts.map((element) => {
    const [ink, ground] = [light(getComputedStyle(element).color), light(groundOf(element))];
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
  }));
})()`;

describe.skipIf(BROWSER === null)("the status page in a browser", { timeout: 60_000 }, () => {
  let viewer: Viewer;

  beforeAll(async () => {
    viewer = await startViewer(BROWSER ?? "");
  }, 60_000);
  afterAll(() => viewer.close());

  test.each(PAGES)("of %s says nothing to the console, asks for nothing, and needs no script", async (_name, html) => {
    const { page, said, asked } = await viewer.open(html, { javaScriptEnabled: false });
    expect(await page.locator("li").count()).toBe(4);
    for (const card of await page.locator("li").all()) expect(await card.locator("svg").isVisible()).toBe(true);
    expect(await page.title()).toMatch(/^\d down of 4 · lens monitor$/);
    expect([said, asked]).toEqual([[], []]);
    await page.context().close();
  });

  test.each(PAGES)("of %s fits a phone, and shows its style in both rooms", async (_name, html) => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page } = await viewer.open(html, { viewport: { width: 400, height: 800 }, colorScheme });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(400);
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(
        colorScheme === "dark" ? "rgb(20, 23, 26)" : "rgb(255, 255, 255)",
      );
      expect(await page.evaluate(LEAST_CONTRAST)).toBeGreaterThanOrEqual(4.5);
      await page.context().close();
    }
  });

  test("draws a line for a target that answers", async () => {
    const { page } = await viewer.open(renderStatusPage(STATUS));
    const box = await page.locator("li.good-edge").locator(".line").boundingBox();
    expect(box?.width).toBeGreaterThan(200);
    expect(box?.height).toBeGreaterThan(5);
    expect(await page.locator("li.good-edge").locator("svg").getAttribute("aria-label")).toMatch(/^last 6 hours: 360 requests/);
    await page.context().close();
  });
});
