/*! The charts are drawn by uPlot (https://github.com/leeoniya/uPlot).
The MIT License (MIT)
Copyright (c) 2022 Leon Sorokin
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:
The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.
THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE. */
import type uPlot from "uplot";
import type { ChartSpec } from "../chart.ts";
import { draw } from "./plot.ts";
import { readPalette, setUpTheme } from "./theme.ts";

/** A place in the page, with what is to be drawn in it. */
interface Place {
  readonly spec: ChartSpec;
  readonly element: HTMLElement;
  chart: uPlot | null;
}

/** How far below what is seen charts are drawn already. */
const AHEAD = "600px";

const specs = JSON.parse(document.getElementById("charts")?.textContent ?? "[]") as readonly ChartSpec[];
document.documentElement.classList.add("scripted");

const places = new Map<Element, Place>();
for (const spec of specs) {
  const element = document.getElementById(spec.id);
  if (element !== null) places.set(element, { spec, element, chart: null });
}

let palette = readPalette();

function drawIn(place: Place): void {
  place.chart?.destroy();
  place.chart = draw(place.spec, place.element, palette);
}

setUpTheme(() => {
  palette = readPalette();
  for (const place of places.values()) if (place.chart !== null) drawIn(place);
});

// A long page opens as fast as a short one: a chart is drawn when it comes near.
const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      const place = places.get(target);
      if (!isIntersecting || place === undefined || place.chart !== null) continue;
      drawIn(place);
    }
  },
  { rootMargin: AHEAD },
);
const sized = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    const chart = places.get(target)?.chart ?? null;
    if (chart !== null && contentRect.width > 0 && chart.width !== contentRect.width)
      chart.setSize({ width: contentRect.width, height: chart.height });
  }
});
for (const element of places.keys()) {
  seen.observe(element);
  sized.observe(element);
}
addEventListener("beforeprint", () => {
  for (const place of places.values()) if (place.chart === null) drawIn(place);
});
