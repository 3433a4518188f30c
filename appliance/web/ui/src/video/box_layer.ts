// The boxes and ways of what was detected, drawn over the picture that they were found in.

import { type Found, followBoxes, foundIn } from "./detection_feed";
import { foundAt, tracksUntil } from "./match";

const LINE_PX = 2;
const TEXT_PX = 12;
const ROW_PX = 18;
// On a small tile the words would hide the picture.
const NARROW_PX = 260;

interface Size {
  width: number;
  height: number;
}

/** Draws one camera's boxes on a canvas that lies over its picture, as long as it is not stopped. */
export class BoxLayer {
  readonly #end: () => void;
  #wallMs: number | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly cameraId: string,
    private readonly sizeOfPicture: () => Size | null,
    /** Told when boxes come, and of when their picture was. */
    hear: (atMs: number) => void,
  ) {
    // Boxes that come after their picture are drawn as long as it is still shown.
    this.#end = followBoxes(cameraId, ({ atMs }) => {
      hear(atMs);
      if (this.#wallMs !== null) this.draw(this.#wallMs);
    });
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
    // How far from the picture that is shown the one is that was looked at.
    this.canvas.dataset.offMs = shown === null ? "" : String(Math.round(wallMs - shown.atMs));
    const context = this.canvas.getContext("2d");
    if (shown === null || shown.boxes.length === 0 || context === null) return;
    const size = this.sizeOfPicture() ?? shown;
    new Drawing(this.canvas, context, shown, size).draw(tracksUntil(found, shown));
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

/**
 * One picture's boxes in the canvas's pixels. The picture lies in its middle, as large as it can (`contain`); that of
 * a second address may have another shape than the one that was looked at, and shows the same.
 */
class Drawing {
  readonly #zoomX: number;
  readonly #zoomY: number;
  readonly #left: number;
  readonly #top: number;
  readonly #colour: string;
  readonly #ink: string;
  readonly #unit = scale();

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly context: CanvasRenderingContext2D,
    private readonly shown: Found,
    picture: Size,
  ) {
    const zoom = Math.min(canvas.width / picture.width, canvas.height / picture.height);
    this.#left = (canvas.width - picture.width * zoom) / 2;
    this.#top = (canvas.height - picture.height * zoom) / 2;
    this.#zoomX = (picture.width * zoom) / shown.width;
    this.#zoomY = (picture.height * zoom) / shown.height;
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
    return [this.#left + x * this.#zoomX, this.#top + y * this.#zoomY];
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
    context.strokeRect(x, y, (x1 - x0) * this.#zoomX, (y1 - y0) * this.#zoomY);
    if (this.canvas.clientWidth >= NARROW_PX) this.#label(x, y, label);
  }

  #label(boxX: number, boxY: number, label: string): void {
    const { context } = this;
    const unit = this.#unit;
    const [row, width] = [ROW_PX * unit, context.measureText(label).width + 8 * unit];
    const x = Math.max(0, Math.min(boxX - unit, this.canvas.width - width));
    const base = Math.max(boxY, row);
    context.fillStyle = this.#colour;
    context.fillRect(x, base - row, width, row);
    context.fillStyle = this.#ink;
    context.textBaseline = "bottom";
    context.fillText(label, x + 4 * unit, base - 2 * unit);
  }
}
