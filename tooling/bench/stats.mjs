// @ts-check
/** `pnpm bench:stats`: how often the comparison errs, by simulation. Fails where it errs more than it says. */
import { parseArgs } from "node:util";
import { MODELS } from "./stats/models.mjs";
import { apart, askAndCompare, compareAlike, interleaved } from "./stats/trials.mjs";
import { render } from "./table.mjs";

const USAGE = `pnpm bench:stats [options]

  --trials N   of each comparison of what does not differ, 2000 unless given; a quarter as many of what does
  --only a,b   of ${Object.keys(MODELS).join(", ")}; all unless given
`;
/** @type {readonly { readonly order: string, readonly design: typeof apart, readonly requests: number }[]} */
const DESIGNS = [
  { order: "one after the other", design: apart, requests: 100 },
  { order: "one after the other", design: apart, requests: 500 },
  { order: "by turns", design: interleaved, requests: 500 },
];
/** As many as `lens compare` draws unless told otherwise. */
const RESAMPLES = 2000;
const FIRST_REQUESTS = 200;
const SHIFT = 1.1;
const MOST_CALLED = 0.05;
const LEAST_POWER = 0.9;

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== "--"),
  options: {
    trials: { type: "string", default: "2000" },
    only: { type: "string", default: Object.keys(MODELS).join(",") },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const trials = Number(values.trials);
if (!Number.isSafeInteger(trials) || trials < 1)
  throw new Error(`Expected --trials to be a whole number from 1 up, got \`${values.trials}\`.`);
const models = Object.entries(MODELS).filter(([name]) => values.only.split(",").includes(name));
if (models.length === 0) throw new Error(`Expected --only to name some of ${Object.keys(MODELS).join(", ")}, got \`${values.only}\`.`);

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const startedAt = performance.now();
let isFine = true;

/** @type {import("./table.mjs").Row[]} */
const alike = [];
for (const [name, model] of models) {
  for (const { order, design, requests } of DESIGNS) {
    const { called, missed, worth } = compareAlike(design(model, requests, 1), { trials, resamples: RESAMPLES });
    isFine &&= called <= MOST_CALLED;
    alike.push([name, order, `${requests}`, percent(called), percent(missed), `${Math.round(worth)}`]);
  }
}
console.log(
  render({
    title: `What does not differ: ${trials} trials each`,
    columns: ["latencies", "measured", "requests each", "called different", "95 % interval of p50 misses", "worth to p50"],
    rows: alike,
    notes: ["Called different: p50, p95 or p99 faster or slower. At most 5 % may be."],
  }),
);

/** @type {import("./table.mjs").Row[]} */
const apartRows = [];
for (const [name, model] of models) {
  const { power, asked, medianRequests } = askAndCompare((requests) => apart(model, requests, SHIFT), FIRST_REQUESTS, {
    trials: Math.ceil(trials / 4),
    resamples: RESAMPLES,
  });
  isFine &&= asked === 0 || power >= LEAST_POWER;
  apartRows.push([name, `${asked}`, medianRequests, percent(power)]);
}
console.log(
  render({
    title: `A median slower by 10 %: ${Math.ceil(trials / 4)} trials each`,
    columns: ["latencies", `undecided after ${FIRST_REQUESTS}`, "asked for, median", "called slower with those"],
    rows: apartRows,
    notes: ["As many requests as the first comparison asked for are drawn anew. At least 90 % must be called slower."],
  }),
);
console.log(`${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
if (!isFine) {
  console.error("The comparison errs more often than it says.");
  process.exitCode = 1;
}
