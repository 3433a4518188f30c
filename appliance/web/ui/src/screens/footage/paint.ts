// Draws the timeline on a canvas: the scale above, a row for each camera below. Nothing is told by colour alone:
// motion is taller than what stood still, gaps are hatched, wanted gaps are a thin line, severities have heights.

import { clock, clockWithSeconds, dateOf } from "../../words";
import { type Bucket, type Interval, isWanted, type Mark } from "./coverage";
import type { Content } from "./library";
import { spanOf, type View, xOf } from "./scale";
import { daysIn, ticksOf } from "./ticks";

export const SCALE_PX = 40;
export const ROW_PX = 46;
const GAP_PX = 6;
const EVENTS_PX = 16;

export interface Colours {
  text: string;
  muted: string;
  line: string;
  surface: string;
  raised: string;
  accent: string;
  recorded: string;
  motion: string;
  bad: string;
  good: string;
  low: string;
  medium: string;
  high: string;
  critical: string;
  font: string;
}

export interface Scene {
  width: number;
  view: View;
  nowMs: number;
  atMs: number | null;
  hoverMs: number | null;
  marked: View | null;
  rows: readonly (readonly Content[])[];
}

const HEIGHTS = { low: 0.45, medium: 0.65, high: 0.85, critical: 1 } as const;

/** How high a timeline of so many rows is. */
export const heightOf = (rows: number) => SCALE_PX + rows * ROW_PX;
export const rowTop = (row: number) => SCALE_PX + row * ROW_PX;

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
  const apart = spanOf(view) < 20 * 60_000 ? 92 : 72;
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
  if (spanOf(view) > 12 * 86_400_000) return;
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

function paintRow(
  ink: CanvasRenderingContext2D,
  scene: Scene,
  colours: Colours,
  contents: readonly Content[],
  top: number,
): void {
  const bottom = top + ROW_PX - GAP_PX;
  const base = top + EVENTS_PX;
  ink.fillStyle = colours.raised;
  ink.fillRect(0, base, scene.width, bottom - base);
  for (const { intervals, buckets } of contents) {
    const isShown = (one: View) => one.toMs > scene.view.fromMs && one.fromMs < scene.view.toMs;
    for (const one of intervals) if (isShown(one)) paintInterval(ink, scene, colours, one, base, bottom);
    for (const one of buckets) if (isShown(one)) paintBucket(ink, scene, colours, one, base, bottom);
  }
  for (const { marks, buckets } of contents) {
    paintMarks(ink, scene, colours, marks, top + 1, base - 2);
    paintDensity(ink, scene, colours, buckets, top + 1, base - 2);
  }
}

// Whole pixels, so that neighbours neither overlap nor leave hair lines.
function span({ view, width }: Scene, one: View): [number, number] {
  const left = Math.max(-2, Math.round(xOf(view, width, one.fromMs)));
  const right = Math.min(width + 2, Math.round(xOf(view, width, one.toMs)));
  return [left, Math.max(1, right - left)];
}

function paintInterval(
  ink: CanvasRenderingContext2D,
  scene: Scene,
  colours: Colours,
  one: Interval,
  top: number,
  bottom: number,
): void {
  const [left, wide] = span(scene, one);
  const high = bottom - top;
  if (one.state === "recorded") {
    clear(ink, colours, left, wide, top, high);
    const share = one.hasMotion ? 1 : 0.62;
    ink.fillStyle = one.hasMotion ? colours.motion : colours.recorded;
    ink.fillRect(left, bottom - high * share, wide, high * share);
  } else if (one.state === "gap") {
    clear(ink, colours, left, wide, top, high);
    if (one.isDeliberate) thin(ink, colours.muted, left, wide, bottom);
    else hatch(ink, colours.bad, left, wide, top, high);
  }
  if (one.isProtected) guard(ink, colours, left, wide, bottom);
}

function paintBucket(
  ink: CanvasRenderingContext2D,
  scene: Scene,
  colours: Colours,
  one: Bucket,
  top: number,
  bottom: number,
): void {
  const [left, wide] = span(scene, one);
  const high = bottom - top;
  clear(ink, colours, left, wide, top, high);
  if (one.missing > 0.002) hatch(ink, colours.bad, left, wide, top, high, Math.max(0.35, one.missing));
  else if (one.cause !== null && isWanted(one.cause) && one.recorded < 0.995)
    thin(ink, colours.muted, left, wide, bottom);
  const share = one.recorded === 0 ? 0 : Math.max(0.12, 0.62 * one.recorded);
  ink.fillStyle = colours.recorded;
  ink.fillRect(left, bottom - high * share, wide, high * share);
  // How much of the time had motion is how high it stands.
  if (one.motion > 0) {
    const tall = high * Math.max(0.15, Math.min(1, Math.sqrt(one.motion)));
    ink.fillStyle = colours.motion;
    ink.fillRect(left, bottom - tall, wide, tall);
  }
  if (one.isProtected) guard(ink, colours, left, wide, bottom);
}

function clear(
  ink: CanvasRenderingContext2D,
  colours: Colours,
  left: number,
  wide: number,
  top: number,
  high: number,
) {
  ink.fillStyle = colours.raised;
  ink.fillRect(left, top, wide, high);
}

function thin(
  ink: CanvasRenderingContext2D,
  colour: string,
  left: number,
  wide: number,
  bottom: number,
): void {
  ink.fillStyle = colour;
  ink.globalAlpha = 0.6;
  ink.fillRect(left, bottom - 3, wide, 2);
  ink.globalAlpha = 1;
}

function hatch(
  ink: CanvasRenderingContext2D,
  colour: string,
  left: number,
  wide: number,
  top: number,
  high: number,
  strength = 1,
): void {
  ink.fillStyle = colour;
  ink.globalAlpha = (wide < 4 ? 0.9 : 0.22) * strength;
  ink.fillRect(left, top, wide, high);
  ink.globalAlpha = strength;
  if (wide >= 4) {
    ink.save();
    ink.beginPath();
    ink.rect(left, top, wide, high);
    ink.clip();
    ink.strokeStyle = colour;
    ink.lineWidth = 1.5;
    ink.beginPath();
    for (let x = left - high - (left % 7); x < left + wide; x += 7) {
      ink.moveTo(x, top + high);
      ink.lineTo(x + high, top);
    }
    ink.stroke();
    ink.restore();
  }
  ink.globalAlpha = 1;
}

/** What is protected has a double line under it. */
function guard(
  ink: CanvasRenderingContext2D,
  colours: Colours,
  left: number,
  wide: number,
  bottom: number,
): void {
  ink.fillStyle = colours.raised;
  ink.fillRect(left, bottom - 7, wide, 7);
  ink.fillStyle = colours.good;
  ink.fillRect(left, bottom - 6, wide, 2);
  ink.fillRect(left, bottom - 2, wide, 2);
}

function paintMarks(
  ink: CanvasRenderingContext2D,
  scene: Scene,
  colours: Colours,
  marks: readonly Mark[],
  top: number,
  bottom: number,
): void {
  const before = { x: -1, high: 0 };
  for (const mark of marks) {
    if (mark.toMs < scene.view.fromMs || mark.fromMs > scene.view.toMs) continue;
    const [left, wide] = span(scene, mark);
    const high = (bottom - top) * HEIGHTS[mark.severity];
    if (left + wide < before.x && high <= before.high) continue;
    Object.assign(before, { x: left + wide, high });
    ink.fillStyle = colours[mark.severity];
    ink.globalAlpha = 0.55;
    ink.fillRect(left, bottom - 3, wide, 3);
    ink.globalAlpha = 1;
    ink.fillRect(left, bottom - high, 3, high);
  }
}

function paintDensity(
  ink: CanvasRenderingContext2D,
  scene: Scene,
  colours: Colours,
  buckets: readonly Bucket[],
  top: number,
  bottom: number,
): void {
  for (const one of buckets) {
    if (one.events === 0 || one.toMs < scene.view.fromMs || one.fromMs > scene.view.toMs) continue;
    const [left, wide] = span(scene, one);
    const high = (bottom - top) * Math.min(1, 0.25 + Math.log2(1 + one.events) / 8);
    ink.fillStyle = colours[one.severity ?? "low"];
    ink.fillRect(left, bottom - high, Math.max(1, wide - 1), high);
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
  const text =
    spanOf(scene.view) > 6 * 3_600_000 ? clock(scene.atMs ?? 0) : clockWithSeconds(scene.atMs ?? 0);
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

function line(ink: CanvasRenderingContext2D, colour: string, x: number, top: number, bottom: number): void {
  ink.fillStyle = colour;
  ink.fillRect(Math.round(x), top, 1, bottom - top);
}
