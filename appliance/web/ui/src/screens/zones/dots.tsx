// Where objects stood in the last hour: a dot each, and bright what the chosen shape would have caught.

import { useLayoutEffect, useRef } from "preact/hooks";
import type { Footpoint } from "../../wire";
import type { Size } from "./geometry";
import { frameIn, useScreenSize } from "./picture_size";

interface Props {
  points: readonly Footpoint[];
  /** The objects that are caught; null where no shape is chosen. */
  caught: ReadonlySet<number> | null;
  size: Size;
}

const DOT_PX = 2.6;

export function Dots({ points, caught, size }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const screen = useScreenSize(canvas, size);
  useLayoutEffect(() => {
    if (canvas.current !== null) draw(canvas.current, points, caught, size);
  }, [points, caught, screen]);
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus, and the numbers are told in words
    <canvas
      ref={canvas}
      class="dots"
      aria-hidden="true"
      data-dots={points.length}
      data-caught={caught?.size}
    />
  );
}

function draw(
  canvas: HTMLCanvasElement,
  points: readonly Footpoint[],
  caught: ReadonlySet<number> | null,
  size: Size,
): void {
  const unit = devicePixelRatio;
  const box = canvas.getBoundingClientRect();
  Object.assign(canvas, { width: Math.round(box.width * unit), height: Math.round(box.height * unit) });
  const context = canvas.getContext("2d");
  if (context === null) return;
  const { left, top, screen } = frameIn(canvas, size);
  const style = getComputedStyle(canvas);
  context.strokeStyle = style.getPropertyValue("--picture");
  context.lineWidth = unit;
  const [usual, bright] = [style.getPropertyValue("--text"), style.getPropertyValue("--accent")];
  for (const { track_id, x, y } of points) {
    const isCaught = track_id !== null && (caught?.has(track_id) ?? false);
    context.globalAlpha = isCaught ? 1 : 0.6;
    context.fillStyle = isCaught ? bright : usual;
    context.beginPath();
    const radius = (isCaught ? DOT_PX * 1.3 : DOT_PX) * unit;
    context.arc(
      (left - box.left + x * screen.width) * unit,
      (top - box.top + y * screen.height) * unit,
      radius,
      0,
      7,
    );
    context.fill();
    context.stroke();
  }
}
