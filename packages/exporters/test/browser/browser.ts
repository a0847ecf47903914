import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** A browser of this machine: what `LENS_CHROMIUM` says, or the first of the usual names on the path; null where there is none. */
export function findBrowser(): string | null {
  const { LENS_CHROMIUM: chosen, PATH = "" } = process.env;
  if (chosen !== undefined) return chosen;
  const candidates = NAMES.flatMap((name) => PATH.split(path.delimiter).map((folder) => path.join(folder, name)));
  return candidates.find((candidate) => existsSync(candidate)) ?? null;
}

/** A page that was opened, with what it said and asked for since. */
export interface Opened {
  readonly page: Page;
  /** Errors, and whatever it wrote to the console. */
  readonly said: string[];
  /** Addresses that it asked for, without its own. */
  readonly asked: string[];
}

/** A browser that shows pages from disk. */
export interface Viewer {
  /** Opens a page, in a window of its own. */
  open(html: string, options?: BrowserContextOptions): Promise<Opened>;
  close(): Promise<void>;
}

/** Starts a browser. The superuser, as in containers, can only run it without its sandbox. */
export async function startViewer(executablePath: string): Promise<Viewer> {
  const browser: Browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
  const folder = await mkdtemp(path.join(tmpdir(), "lens-html-"));
  let pages = 0;
  return {
    async open(html, options = {}) {
      const file = path.join(folder, `${(pages += 1)}.html`);
      await writeFile(file, html);
      const address = pathToFileURL(file).href;
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      const page = await context.newPage();
      const [said, asked]: [string[], string[]] = [[], []];
      page.on("console", (message) => said.push(message.text()));
      page.on("pageerror", (error) => said.push(error.message));
      page.on("request", (request) => {
        if (request.url() !== address) asked.push(request.url().slice(0, 80));
      });
      await page.goto(address);
      return { page, said, asked };
    },
    async close() {
      await browser.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Scrolls through a page, so that all of its charts are drawn. */
export async function drawAll(page: Page): Promise<void> {
  for (const plot of await page.locator(".plot").all()) {
    await plot.scrollIntoViewIfNeeded();
    await plot.locator("canvas").waitFor();
  }
  await page.evaluate("scrollTo(0, 0)");
}
