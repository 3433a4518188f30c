// The boxes and ways of what was detected, drawn over the picture that they were found in.

import { type Found, followBoxes, foundIn } from "./detection_feed";
import { foundAt, tracksUntil } from "./match";

const LINE_PX = 2;
const TEXT_PX = 12;
const ROW_PX = 18;
// On a small tile the words would hide the picture.
const NARROW_PX = 260;

/** Draws one camera's boxes on a canvas that lies over its picture, as long as it is not stopped. */
export class BoxLayer {
  readonly #end: () => void;
  #wallMs: number | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly cameraId: string,
  ) {
    // Boxes that come after their picture are drawn as long as it is still shown.
    this.#end = followBoxes(cameraId, () => this.#wallMs !== null && this.draw(this.#wallMs));
  }

  stop(): void {
    this.#end();
    this.clear();
  }

  /** The picture is gone, or is an old one. */
  clear(): void {
    this.#wallMs = null;
    this.#wipe();
  }

  /** Draw what was found in the picture taken then, or shortly before. */
  draw(wallMs: number): void {
    this.#wallMs = wallMs;
    const found = foundIn(this.cameraId);
    const shown = foundAt(found, wallMs);
    this.#wipe();
    this.canvas.dataset.boxes = String(shown?.boxes.length ?? 0);
    const context = this.canvas.getContext("2d");
    if (shown === null || shown.boxes.length === 0 || context === null) return;
    new Drawing(this.canvas, context, shown).draw(tracksUntil(found, shown));
  }

  #wipe(): void {
    const { canvas } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((px) => Math.round(px * scale()));
    if (width === undefined || height === undefined) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    else canvas.getContext("2d")?.clearRect(0, 0, width, height);
  }
}

const scale = () => devicePixelRatio;

/** One picture's boxes in the canvas's pixels; the picture lies in its middle, as large as it can (`contain`). */
class Drawing {
  readonly #zoom: number;
  readonly #left: number;
  readonly #top: number;
  readonly #colour: string;
  readonly #ink: string;
  readonly #unit = scale();

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly context: CanvasRenderingContext2D,
    private readonly shown: Found,
  ) {
    this.#zoom = Math.min(canvas.width / shown.width, canvas.height / shown.height);
    this.#left = (canvas.width - shown.width * this.#zoom) / 2;
    this.#top = (canvas.height - shown.height * this.#zoom) / 2;
    const style = getComputedStyle(canvas);
    this.#colour = style.getPropertyValue("--box");
    this.#ink = style.getPropertyValue("--on-accent");
    context.font = `600 ${TEXT_PX * this.#unit}px ${style.fontFamily}`;
  }

  draw(ways: readonly [number, number][][]): void {
    for (const way of ways) this.#way(way);
    for (const { box, label } of this.shown.boxes) this.#box(box, label);
  }

  #at(x: number, y: number): [number, number] {
    return [this.#left + x * this.#zoom, this.#top + y * this.#zoom];
  }

  #way(points: readonly [number, number][]): void {
    const { context } = this;
    context.beginPath();
    for (const [x, y] of points) context.lineTo(...this.#at(x, y));
    context.strokeStyle = this.#colour;
    context.lineWidth = LINE_PX * this.#unit;
    context.lineJoin = context.lineCap = "round";
    context.globalAlpha = 0.6;
    context.stroke();
    context.globalAlpha = 1;
  }

  #box([x0, y0, x1, y1]: Found["boxes"][number]["box"], label: string): void {
    const { context } = this;
    const [x, y] = this.#at(x0, y0);
    context.strokeStyle = this.#colour;
    context.lineWidth = LINE_PX * this.#unit;
    context.strokeRect(x, y, (x1 - x0) * this.#zoom, (y1 - y0) * this.#zoom);
    if (this.canvas.clientWidth >= NARROW_PX) this.#label(x, y, label);
  }

  #label(x: number, y: number, label: string): void {
    const { context } = this;
    const unit = this.#unit;
    const row = ROW_PX * unit;
    const base = Math.max(y, row);
    context.fillStyle = this.#colour;
    context.fillRect(x - unit, base - row, context.measureText(label).width + 8 * unit, row);
    context.fillStyle = this.#ink;
    context.textBaseline = "bottom";
    context.fillText(label, x + 3 * unit, base - 2 * unit);
  }
}
