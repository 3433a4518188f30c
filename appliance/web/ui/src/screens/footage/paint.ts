// Draws the timeline on a canvas: the scale above, a row for each camera below. Nothing is told by colour alone:
// motion is taller than what stood still, gaps are hatched, wanted gaps are a thin line, severities have heights.

import { clock, clockWithSeconds, dateOf } from "../../words";
import { paintRow } from "./paint_row";
import { spanOf, xOf } from "./scale";
import { type Colours, heightOf, rowTop, SCALE_PX, type Scene } from "./scene";
import { daysIn, ticksOf } from "./ticks";

const DAY_MS = 86_400_000;

export function paint(ink: CanvasRenderingContext2D, scene: Scene, colours: Colours): void {
  const height = heightOf(scene.rows.length);
  ink.clearRect(0, 0, scene.width, height);
  const x = (ms: number) => xOf(scene.view, scene.width, ms);
  paintScale(ink, scene, colours, height);
  for (const [i, contents] of scene.rows.entries()) paintRow(ink, scene, colours, contents, rowTop(i));
  paintFuture(ink, scene, colours, x(scene.nowMs), height);
  if (scene.marked !== null) paintMarked(ink, colours, x(scene.marked.fromMs), x(scene.marked.toMs), height);
  if (scene.hoverMs !== null) line(ink, colours.muted, x(scene.hoverMs), SCALE_PX, height);
  if (scene.atMs !== null) paintHead(ink, scene, colours, x(scene.atMs), height);
}

function paintScale(ink: CanvasRenderingContext2D, scene: Scene, colours: Colours, height: number): void {
  const { view, width } = scene;
  // Seconds take more room, dates less.
  const apart = spanOf(view) < 20 * 60_000 ? 92 : spanOf(view) < 4 * DAY_MS ? 72 : 58;
  const ticks = ticksOf(view, width, apart);
  ink.textBaseline = "middle";
  ink.textAlign = "center";
  ink.font = `12px ${colours.font}`;
  for (const { ms, text, isBegin } of ticks) {
    const at = Math.round(xOf(view, width, ms)) + 0.5;
    ink.fillStyle = isBegin ? colours.muted : colours.line;
    ink.fillRect(at - 0.5, SCALE_PX - 6, 1, isBegin ? height : 6);
    if (isBegin) ink.fillRect(at - 0.5, 3, 1, 14);
    ink.globalAlpha = 0.5;
    ink.fillStyle = colours.line;
    ink.fillRect(at - 0.5, SCALE_PX, 1, height - SCALE_PX);
    ink.globalAlpha = 1;
    ink.fillStyle = colours.muted;
    const half = ink.measureText(text).width / 2 + 3;
    if (at > half - 2 && at < width - half) ink.fillText(text, at, 27);
  }
  paintDates(ink, scene, colours);
}

// The date stands at the begin of its day, or at the left edge for as long as its day is there.
function paintDates(ink: CanvasRenderingContext2D, { view, width }: Scene, colours: Colours): void {
  if (spanOf(view) > 12 * DAY_MS) return;
  ink.textAlign = "left";
  ink.font = `600 12px ${colours.font}`;
  ink.fillStyle = colours.text;
  for (const day of daysIn(view)) {
    const text = dateOf(day.fromMs);
    const wide = ink.measureText(text).width;
    const right = xOf(view, width, day.toMs) - wide - 12;
    const at = Math.min(Math.max(4, xOf(view, width, day.fromMs) + 6), right);
    if (at > -wide && right > xOf(view, width, day.fromMs) - 6) ink.fillText(text, at, 10);
  }
}

function paintFuture(
  ink: CanvasRenderingContext2D,
  scene: Scene,
  colours: Colours,
  now: number,
  height: number,
): void {
  if (now > scene.width) return;
  ink.fillStyle = colours.surface;
  ink.globalAlpha = 0.8;
  ink.fillRect(now, SCALE_PX, scene.width - now, height - SCALE_PX);
  ink.globalAlpha = 1;
  ink.setLineDash([3, 3]);
  ink.strokeStyle = colours.accent;
  ink.lineWidth = 1.5;
  ink.beginPath();
  ink.moveTo(now, SCALE_PX - 4);
  ink.lineTo(now, height);
  ink.stroke();
  ink.setLineDash([]);
  ink.fillStyle = colours.accent;
  ink.font = `600 11px ${colours.font}`;
  ink.textAlign = "left";
  if (scene.width - now > 30) ink.fillText("now", now + 4, height - 10);
}

function paintMarked(
  ink: CanvasRenderingContext2D,
  colours: Colours,
  left: number,
  right: number,
  height: number,
): void {
  ink.fillStyle = colours.accent;
  ink.globalAlpha = 0.2;
  ink.fillRect(left, SCALE_PX - 6, right - left, height);
  ink.globalAlpha = 1;
  ink.fillRect(left, SCALE_PX - 6, right - left, 3);
  ink.fillRect(left - 1, SCALE_PX - 6, 2, height);
  ink.fillRect(right - 1, SCALE_PX - 6, 2, height);
}

function paintHead(
  ink: CanvasRenderingContext2D,
  scene: Scene,
  colours: Colours,
  x: number,
  height: number,
): void {
  if (x < -60 || x > scene.width + 60) return;
  ink.fillStyle = colours.text;
  ink.fillRect(Math.round(x) - 1, SCALE_PX - 16, 2, height);
  const text = headText(scene.atMs ?? 0, spanOf(scene.view));
  ink.font = `600 12px ${colours.font}`;
  const wide = ink.measureText(text).width + 14;
  const left = Math.min(Math.max(0, x - wide / 2), scene.width - wide);
  ink.beginPath();
  ink.roundRect(left, 17, wide, 20, 6);
  ink.fill();
  ink.fillStyle = colours.surface;
  ink.textAlign = "center";
  ink.fillText(text, left + wide / 2, 27.5);
}

// As fine as can be told apart, and with the day where the scale has only days.
function headText(ms: number, spanMs: number): string {
  if (spanMs > 4 * DAY_MS) return `${dateOf(ms)}, ${clock(ms)}`;
  return spanMs > DAY_MS / 4 ? clock(ms) : clockWithSeconds(ms);
}

function line(ink: CanvasRenderingContext2D, colour: string, x: number, top: number, bottom: number): void {
  ink.fillStyle = colour;
  ink.fillRect(Math.round(x), top, 1, bottom - top);
}
