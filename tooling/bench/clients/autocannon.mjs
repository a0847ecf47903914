// @ts-check
/** A load generator that reads bodies without looking at them: how many requests a second one core of Node can do at all. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { print, readOrder, REQUEST_BODY } from "./tally.mjs";

const order = readOrder();
const program = createRequire(import.meta.url).resolve("autocannon");
const settings = [
  "--json",
  "--no-progress",
  "-c",
  String(order.streams),
  "-a",
  String(order.requests),
  "-m",
  "POST",
  "-H",
  "content-type=application/json",
  "-b",
  REQUEST_BODY,
];
const { stdout, stderr } = spawnSync(process.execPath, [program, ...settings, `${order.url}/chat/completions`], { encoding: "utf8" });
const line = stdout.trimEnd().split("\n").at(-1) ?? "";
if (!line.startsWith("{")) throw new Error(`autocannon printed no JSON: ${stderr}`);
const result = JSON.parse(line);
print({ requests: result["2xx"], broken: result.non2xx + result.errors, requestsPerSecond: result["2xx"] / result.duration });
