// What fingers, mouse and wheel do to a timeline: the scale is dragged to look (scrub), the rows to move the view.

import { type Held, msAt, panned, pinched, spanOf, type View, zoomed } from "./scale";
import { SCALE_PX } from "./scene";

const STILL_PX = 5;
const LINE_PX = 18;

export interface Gestured {
  view: () => View;
  width: () => number;
  /** Dragging the rows marks a range, as it does with Shift held. */
  isMarking: () => boolean;
  show: (view: View) => void;
  /** The pointer is over a moment; null when it has left. */
  hover: (at: { x: number; y: number; isScrubbing: boolean } | null) => void;
  seek: (ms: number, y: number) => void;
  mark: (range: View | null) => void;
}

type Doing =
  | { kind: "none" }
  | { kind: "scrub" }
  | { kind: "pan"; from: View; x: number; hasMoved: boolean }
  | { kind: "mark"; ms: number; x: number; hasMoved: boolean }
  | { kind: "pinch"; held: Map<number, Held> };

/** Listens to an element from its construction on until `end`. */
export class Gestures {
  readonly #pointers = new Map<number, { x: number; y: number }>();
  readonly #stop = new AbortController();
  #doing: Doing = { kind: "none" };

  constructor(
    private readonly element: HTMLElement,
    private readonly on: Gestured,
  ) {
    const { signal } = this.#stop;
    element.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    element.addEventListener("pointermove", (event) => this.#move(event), { signal });
    element.addEventListener("pointerup", (event) => this.#up(event), { signal });
    element.addEventListener("pointercancel", (event) => this.#cancel(event), { signal });
    element.addEventListener("pointerleave", () => this.#doing.kind === "none" && on.hover(null), { signal });
    element.addEventListener("wheel", (event) => this.#wheel(event), { signal, passive: false });
  }

  end(): void {
    this.#stop.abort();
  }

  #place(event: MouseEvent): { x: number; y: number } {
    const box = this.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  #ms(x: number): number {
    return msAt(this.on.view(), this.on.width(), Math.min(this.on.width(), Math.max(0, x)));
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const at = this.#place(event);
    this.element.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, at);
    if (this.#pointers.size > 1) this.#pinch();
    else if (event.shiftKey || (this.on.isMarking() && at.y >= SCALE_PX))
      this.#doing = { kind: "mark", ms: this.#ms(at.x), x: at.x, hasMoved: false };
    else if (at.y < SCALE_PX) this.#doing = { kind: "scrub" };
    else this.#doing = { kind: "pan", from: this.on.view(), x: at.x, hasMoved: false };
    if (this.#doing.kind === "scrub") this.on.hover({ ...at, isScrubbing: true });
  }

  #pinch(): void {
    const held = new Map([...this.#pointers].map(([id, { x }]) => [id, { x, ms: this.#ms(x) }]));
    this.#doing = { kind: "pinch", held };
    this.on.hover(null);
  }

  #move(event: PointerEvent): void {
    const at = this.#place(event);
    if (this.#pointers.has(event.pointerId)) this.#pointers.set(event.pointerId, at);
    const doing = this.#doing;
    if (doing.kind === "pinch") this.#spread(doing.held);
    if (doing.kind === "pan") this.#pan(doing, at.x);
    if (doing.kind === "mark") this.#marking(doing, at.x);
    const isLooking = doing.kind === "scrub" || (doing.kind === "none" && event.pointerType === "mouse");
    if (isLooking) this.on.hover({ ...at, isScrubbing: doing.kind === "scrub" });
  }

  #spread(held: Map<number, Held>): void {
    const [one, other] = [...held].map(([id, { ms }]) => ({ ms, x: this.#pointers.get(id)?.x ?? 0 }));
    if (one !== undefined && other !== undefined) this.on.show(pinched(this.on.width(), one, other));
  }

  #pan(doing: Doing & { kind: "pan" }, x: number): void {
    if (!doing.hasMoved && Math.abs(x - doing.x) < STILL_PX) return;
    if (!doing.hasMoved) this.on.hover(null);
    doing.hasMoved = true;
    this.on.show(panned(doing.from, ((doing.x - x) / this.on.width()) * spanOf(doing.from)));
  }

  #marking(doing: Doing & { kind: "mark" }, x: number): void {
    if (!doing.hasMoved && Math.abs(x - doing.x) < STILL_PX) return;
    doing.hasMoved = true;
    const ms = this.#ms(x);
    this.on.mark({ fromMs: Math.min(ms, doing.ms), toMs: Math.max(ms, doing.ms) });
    this.on.hover({ x, y: SCALE_PX, isScrubbing: false });
  }

  #up(event: PointerEvent): void {
    if (!this.#pointers.delete(event.pointerId)) return;
    const [doing, at] = [this.#doing, this.#place(event)];
    this.#doing = { kind: "none" };
    const isTap = (doing.kind === "pan" || doing.kind === "mark") && !doing.hasMoved;
    if (doing.kind === "scrub" || isTap) this.on.seek(this.#ms(at.x), at.y);
    if (event.pointerType !== "mouse" || doing.kind === "scrub") this.on.hover(null);
    this.#goOn();
  }

  // One finger has left: two others still pinch, a single one goes on moving the view.
  #goOn(): void {
    const [left] = this.#pointers.values();
    if (this.#pointers.size > 1) this.#pinch();
    else if (left !== undefined)
      this.#doing = { kind: "pan", from: this.on.view(), x: left.x, hasMoved: true };
  }

  #cancel(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    this.#doing = { kind: "none" };
    this.on.hover(null);
    this.#goOn();
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    const view = this.on.view();
    const sideways = event.shiftKey && dx === 0 ? dy : dx;
    if (!event.ctrlKey && (event.shiftKey || Math.abs(dx) > Math.abs(dy))) {
      this.on.show(panned(view, (sideways / this.on.width()) * spanOf(view)));
      return;
    }
    // A pinch on a touch pad comes as a wheel with Ctrl, in small steps.
    const speed = event.ctrlKey ? 0.01 : 0.0016;
    this.on.show(
      zoomed(view, Math.exp(Math.max(-300, Math.min(300, dy)) * speed), this.#ms(this.#place(event).x)),
    );
  }
}
