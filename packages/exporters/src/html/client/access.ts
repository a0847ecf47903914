import type uPlot from "uplot";
import type { ChartSpec } from "../chart.ts";
import { formatValue } from "./values.ts";

const KEYS_IN_WORDS = "Arrow keys read values, Escape shows all after zooming in.";
/** More lines than this are not read out. */
const MOST_READ = 6;

/** What the cursor is at, in words. */
function readOut(u: uPlot, { x, y, xs, series }: ChartSpec, index: number): string {
  const values = series.flatMap(({ label, values: all }, at) => {
    const value = all[index] ?? null;
    return value === null || u.series[at + 1]?.show === false ? [] : [`${label} ${formatValue(value, y.unit)}`];
  });
  return `${x.title} ${formatValue(xs[index] ?? 0, x.unit)}: ${values.slice(0, MOST_READ).join(", ")}`;
}

/** Moves the cursor by keys, and reads out what it is at. */
function followKeys(u: uPlot, plot: HTMLElement, spec: ChartSpec): void {
  const { xs } = spec;
  const status = document.createElement("p");
  status.className = "unseen";
  status.setAttribute("role", "status");
  u.root.append(status);
  const moveTo = (index: number): void => {
    const x = xs[index];
    if (x === undefined) return;
    u.setCursor({ left: u.valToPos(x, "x"), top: u.over.clientHeight / 2 });
    status.textContent = readOut(u, spec, index);
  };
  plot.addEventListener("keydown", (event) => {
    const index = u.cursor.idx ?? null;
    if (event.key === "ArrowRight") moveTo(index === null ? 0 : Math.min(xs.length - 1, index + 1));
    else if (event.key === "ArrowLeft") moveTo(index === null ? xs.length - 1 : Math.max(0, index - 1));
    else if (event.key === "Escape") u.setScale("x", { min: xs[0] ?? 0, max: xs.at(-1) ?? 1 });
    else return;
    event.preventDefault();
  });
}

/** Makes the names in the legend switches, for keys as well. */
function makeSwitches(u: uPlot): void {
  const legend = u.root.querySelector(".u-legend");
  legend?.setAttribute("role", "group");
  legend?.setAttribute("aria-label", "lines");
  const rows = [...u.root.querySelectorAll<HTMLElement>(".u-series")];
  rows.forEach((row, index) => {
    row.setAttribute("role", "presentation");
    const head = row.querySelector<HTMLElement>("th");
    if (head === null || index === 0) return;
    head.tabIndex = 0;
    head.setAttribute("role", "switch");
    head.setAttribute("aria-checked", "true");
    head.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      head.click();
    });
    head.addEventListener("click", () => {
      rows.forEach((each, at) => each.querySelector("th[role]")?.setAttribute("aria-checked", String(u.series[at]?.show !== false)));
    });
  });
}

/** Lets a chart be used without seeing it, and without a mouse. */
export function makeAccessible(u: uPlot, spec: ChartSpec): void {
  const plot = u.root.querySelector<HTMLElement>(".u-wrap");
  if (plot === null) return;
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", `${spec.description}. ${KEYS_IN_WORDS}`);
  plot.tabIndex = 0;
  followKeys(u, plot, spec);
  makeSwitches(u);
}
