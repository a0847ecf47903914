// @ts-check
/**
 * Makes the pictures of HTML reports in docs/images: a benchmark, a sweep and a comparison, measured against simulators of this machine by the built
 * program. Wants a Chromium: `LENS_CHROMIUM`, or `chromium` on the path.
 *
 *   node tooling/scripts/screenshots.mjs
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { rootDir } from "./workspace.mjs";

const execute = promisify(execFile);
const LENS = path.join(rootDir, "apps/cli/bin/lens.js");
const IMAGES = path.join(rootDir, "docs/images");
const LARGEST_BYTES = 150_000;
/** A regression and a missed threshold are answers, not failures. */
const ANSWERS = new Set([4, 5]);

/** What a server of the pictures is like. @param {number} seed @param {string} ttft @param {readonly string[]} more */
const server = (seed, ttft, more = []) => {
  const pace = ["--ttft", `lognormal:${ttft},0.25`, "--gap", "lognormal:14ms,0.25", "--tokens", "lognormal:32,0.3"];
  return ["--seed", String(seed), ...pace, "--fault", "429=1%", "--retry-after", "50ms", ...more];
};

/** @returns {string} */
function findChromium() {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  const found = process.env["LENS_CHROMIUM"] ?? folders.map((each) => path.join(each, "chromium")).find((file) => existsSync(file));
  if (found === undefined) throw new Error("Expected LENS_CHROMIUM, or chromium on the path, got neither.");
  return found;
}

/** Starts a simulator. @param {readonly string[]} flags @returns {Promise<{ baseUrl: string, stop: () => Promise<unknown> }>} */
async function startSimulator(flags) {
  const child = spawn(process.execPath, [LENS, "sim", "--port", "0", "--json", ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { value: line, done } = await lines.next();
  if (done === true) throw new Error("Expected a simulator to say where it listens, and it ended.");
  const stop = () => {
    const ended = once(child, "close");
    child.kill();
    return ended;
  };
  return { baseUrl: JSON.parse(line).baseUrls.openai, stop };
}

/** Runs the program in a folder of its own. @param {string} folder @param {readonly string[]} args */
async function lens(folder, args) {
  try {
    await execute(process.execPath, [LENS, ...args], { cwd: folder, maxBuffer: 2 ** 26 });
  } catch (error) {
    const { code } = /** @type {{ code?: number }} */ (error);
    if (code === undefined || !ANSWERS.has(code)) throw error;
  }
}

/** A target as a configuration file has it. @param {string} label @param {string} baseUrl */
const target = (label, baseUrl) => ({ target: "openai-compatible:sim", label, baseUrl });

/** Measures, and leaves a page for each picture. @param {string} folder @returns {Promise<readonly { name: string, file: string }[]>} */
async function measure(folder) {
  const [one, other, small] = await Promise.all([
    startSimulator(server(1, "180ms")),
    startSimulator(server(2, "205ms")),
    startSimulator(server(3, "180ms", ["--slots", "8"])),
  ]);
  const run = async (/** @type {string} */ name, /** @type {readonly object[]} */ targets, /** @type {readonly string[]} */ args) => {
    const file = path.join(folder, `${name}.html`);
    const config = path.join(folder, `${name}.json`);
    writeFileSync(config, JSON.stringify({ targets, format: "html", retries: 0, maxErrorRate: "5%" }));
    await lens(folder, [...args, "--config", config, "--output", file]);
    return { name, file };
  };
  try {
    const [first, second, third] = [
      target("my-server", one.baseUrl),
      target("my-server", small.baseUrl),
      target("candidate", other.baseUrl),
    ];
    return [
      await run("benchmark", [first], ["benchmark", "-n", "600", "-c", "10", "--slo", "ttft=300ms,tpot=20ms"]),
      await run("sweep", [second], ["benchmark", "--rate", "2,4,8,12,16", "--duration", "8s", "--threshold", "response.ttft p95 < 1s"]),
      await run("comparison", [{ ...first, label: "base" }, third], ["compare", "-n", "600", "-c", "10"]),
    ];
  } finally {
    await Promise.all([one, other, small].map(({ stop }) => stop()));
  }
}

const folder = mkdtempSync(path.join(tmpdir(), "lens-screenshots-"));
try {
  const pages = await measure(folder);
  const browser = await chromium.launch({
    executablePath: findChromium(),
    chromiumSandbox: process.getuid?.() !== 0,
  });
  mkdirSync(IMAGES, { recursive: true });
  for (const { name, file } of pages) {
    const page = await browser.newPage({ viewport: { width: 1120, height: 1070 }, colorScheme: name === "sweep" ? "dark" : "light" });
    await page.goto(pathToFileURL(file).href);
    await page.locator("canvas").first().waitFor();
    const picture = path.join(IMAGES, `${name}.png`);
    await page.screenshot({ path: picture });
    const { size } = statSync(picture);
    console.log(`${path.relative(rootDir, picture)}: ${Math.round(size / 1000)} kB`);
    if (size > LARGEST_BYTES) throw new Error(`Expected ${picture} to take at most ${LARGEST_BYTES} bytes, got ${size}.`);
  }
  await browser.close();
} finally {
  rmSync(folder, { recursive: true });
}
