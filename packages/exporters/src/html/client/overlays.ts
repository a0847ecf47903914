import uPlot from "uplot";
import type { ChartSpec } from "../chart.ts";
import type { Palette } from "./theme.ts";

const FONT_PX = 11;
const CAP_PX = 3;

/** Keeps to the plot what is drawn by hand. */
function within(u: uPlot, paint: (context: CanvasRenderingContext2D, pixel: number) => void): void {
  const { left, top, width, height } = u.bbox;
  u.ctx.save();
  u.ctx.beginPath();
  u.ctx.rect(left, top, width, height);
  u.ctx.clip();
  paint(u.ctx, uPlot.pxRatio);
  u.ctx.restore();
}

function line(context: CanvasRenderingContext2D, [fromX, fromY]: readonly [number, number], [toX, toY]: readonly [number, number]): void {
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
}

/** Words on the plot, legible above lines. */
function write(context: CanvasRenderingContext2D, words: string, [x, y]: readonly [number, number], ground: string): void {
  context.save();
  context.setLineDash([]);
  context.lineJoin = "round";
  context.lineWidth = 4 * uPlot.pxRatio;
  context.strokeStyle = ground;
  context.strokeText(words, x, y);
  context.fillText(words, x, y);
  context.restore();
}

/** Lines across the plot, such as a knee and a limit, each with its words. */
export function drawMarks(u: uPlot, { marks }: ChartSpec, { text, ground }: Palette): void {
  within(u, (context, pixel) => {
    const { left, top, width, height } = u.bbox;
    context.strokeStyle = context.fillStyle = text;
    context.lineWidth = pixel;
    context.setLineDash([4 * pixel, 4 * pixel]);
    context.font = `${FONT_PX * pixel}px system-ui, sans-serif`;
    marks.forEach(({ axis, at, label }, index) => {
      const position = u.valToPos(at, axis, true);
      if (axis === "y") {
        line(context, [left, position], [left + width, position]);
        context.textAlign = "left";
        write(context, label, [left + 6 * pixel, position - 5 * pixel], ground);
        return;
      }
      line(context, [position, top], [position, top + height]);
      const isRight = position > left + width * 0.6;
      context.textAlign = isRight ? "right" : "left";
      // One below the other, lest the words of two that are close lie on one another.
      write(context, label, [position + (isRight ? -5 : 5) * pixel, top + (12 + index * 15) * pixel], ground);
    });
  });
}

/** Intervals of the lines that are shown. */
export function drawWhiskers(u: uPlot, { series }: ChartSpec, palette: Palette): void {
  within(u, (context, pixel) => {
    context.lineWidth = 1.5 * pixel;
    series.forEach(({ whiskers, color }, index) => {
      if (u.series[index + 1]?.show === false) return;
      context.strokeStyle = palette.series[color % palette.series.length] ?? "";
      for (const { x, lower, upper } of whiskers) {
        const at = u.valToPos(x, "x", true);
        const [low, high] = [u.valToPos(lower, "y", true), u.valToPos(upper, "y", true)];
        line(context, [at, low], [at, high]);
        for (const end of [low, high]) line(context, [at - CAP_PX * pixel, end], [at + CAP_PX * pixel, end]);
      }
    });
  });
}
