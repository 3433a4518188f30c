// Where objects stood in the last hour: a dot each, and bright what the chosen shape would have caught.

import { useLayoutEffect, useRef } from "preact/hooks";
import type { Footpoint } from "../../wire";
import { standsIn } from "./footpoints";
import type { Size } from "./geometry";
import { frameIn, useScreenSize } from "./picture_size";
import type { Shape } from "./scene";

interface Props {
  points: readonly Footpoint[];
  /** The shape that is chosen. */
  shape: Shape | null;
  size: Size;
}

const DOT_PX = 1.9;

export function Dots({ points, shape, size }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const screen = useScreenSize(canvas, size);
  useLayoutEffect(() => {
    if (canvas.current !== null) draw(canvas.current, points, shape, size);
  }, [points, shape, screen]);
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus, and the numbers are told in words
    <canvas ref={canvas} class="dots" aria-hidden="true" data-dots={points.length} />
  );
}

function draw(
  canvas: HTMLCanvasElement,
  points: readonly Footpoint[],
  shape: Shape | null,
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
  context.lineWidth = unit * 0.75;
  const [usual, bright] = [style.getPropertyValue("--text"), style.getPropertyValue("--accent")];
  for (const point of points) {
    const { x, y } = point;
    const isCaught = shape !== null && shape.kind !== "line" && standsIn(shape, point);
    context.globalAlpha = isCaught ? 0.95 : 0.55;
    context.fillStyle = isCaught ? bright : usual;
    context.beginPath();
    const radius = (isCaught ? DOT_PX * 1.35 : DOT_PX) * unit;
    context.arc(
      (left - box.left + x * screen.width) * unit,
      (top - box.top + y * screen.height) * unit,
      radius,
      0,
      7,
    );
    context.fill();
    if (isCaught) context.stroke();
  }
}
