// Draws one camera's row: what was recorded, what is missing, what is protected, and the events above it.

import { type Bucket, type Interval, isWanted, type Mark } from "./coverage";
import type { Content } from "./fetching";
import { type View, xOf } from "./scale";
import { type Colours, EVENTS_PX, GAP_PX, ROW_PX, type Scene } from "./scene";

const HEIGHTS = { low: 0.45, medium: 0.65, high: 0.85, critical: 1 } as const;

export function paintRow(
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
  if (one.missing > 0.002) hatch(ink, colours.bad, left, wide, top, high, Math.max(0.6, one.missing));
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
