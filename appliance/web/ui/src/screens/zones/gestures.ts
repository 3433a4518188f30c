// Drawing with a mouse, a finger or a pen.

import type { Editor } from "./editor";
import { apart, moved, type Point, type Size, snapped } from "./geometry";
import { hitAt } from "./hit";
import { isSame, pointsOf, shapesOf } from "./scene";

/** Where the picture lies in its element. */
export interface Frame {
  left: number;
  top: number;
  screen: Size;
}

const FINGER_PX = 24;
const MOUSE_PX = 14;
const SNAP_PX = 10;
const STILL_PX = 5;
const DRAWN_PX = 24;

type Drag =
  | { what: "corner"; at: number }
  | { what: "shape"; points: readonly Point[]; hasBegun: boolean }
  | { what: "draft"; hasBegun: boolean };

/** Follows one pointer from its press to its release. */
export class Gestures {
  #drag: Drag | null = null;
  #from: Point = [0, 0];
  #number = 0;

  constructor(
    private readonly editor: Editor,
    private readonly frame: () => Frame,
  ) {}

  down = (event: PointerEvent): void => {
    if (event.button !== 0 || !event.isPrimary || !(event.currentTarget instanceof Element)) return;
    // The focus goes where it is put here, and no text is marked.
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    const at = this.#pointOf(event);
    this.#from = at;
    this.#number += 1;
    this.#drag =
      this.editor.draft.value === null ? this.#take(at, event) : { what: "draft", hasBegun: false };
  };

  move = (event: PointerEvent): void => {
    const at = this.#pointOf(event);
    this.editor.pointer.value = this.editor.draft.value === null ? null : at;
    const drag = this.#drag;
    if (drag === null) return;
    const isStill = apart(this.#from, at, this.frame().screen) < STILL_PX;
    switch (drag.what) {
      case "corner":
        this.editor.movePoint(drag.at, event.altKey ? at : this.#snap(at, drag.at), this.#name());
        break;
      case "shape":
        drag.hasBegun ||= !isStill;
        if (drag.hasBegun) this.#moveShape(drag.points, at);
        break;
      case "draft":
        drag.hasBegun ||= apart(this.#from, at, this.frame().screen) >= DRAWN_PX;
        if (drag.hasBegun && this.editor.draft.value?.points.length === 0)
          this.editor.stretch.value = this.#box(at);
    }
  };

  up = (event: PointerEvent): void => {
    const drag = this.#drag;
    this.#drag = null;
    if (drag?.what === "draft") this.#place(drag.hasBegun, this.#pointOf(event));
    this.editor.stretch.value = null;
    this.editor.settle();
  };

  cancel = (): void => {
    this.#drag = null;
    this.editor.stretch.value = null;
    this.editor.settle();
  };

  leave = (): void => {
    this.editor.pointer.value = null;
  };

  #take(at: Point, event: PointerEvent): Drag | null {
    const { editor } = this;
    const reach = event.pointerType === "mouse" ? MOUSE_PX : FINGER_PX;
    const hit = hitAt(editor.scene.value, editor.chosen.value, at, this.frame().screen, reach);
    if (hit.on === "nothing") {
      editor.choose(null);
      return null;
    }
    if (hit.on === "shape") {
      editor.choose(hit.ref);
      const shape = editor.shape.value;
      return shape === null ? null : { what: "shape", points: pointsOf(shape), hasBegun: false };
    }
    const corner = hit.on === "corner" ? hit.at : editor.addAfter(hit.after, at, this.#name());
    if (corner === null) return null;
    editor.focusOn(corner);
    return { what: "corner", at: corner };
  }

  #moveShape(points: readonly Point[], at: Point): void {
    this.editor.setPoints(moved(points, at[0] - this.#from[0], at[1] - this.#from[1]), this.#name());
  }

  #place(wasDragged: boolean, at: Point): void {
    const draft = this.editor.draft.value;
    if (draft === null) return;
    if (wasDragged && draft.points.length === 0) {
      this.editor.finish(this.#box(at));
      return;
    }
    const [first] = draft.points;
    const isClosed =
      draft.kind !== "line" &&
      this.editor.canFinish.value &&
      first !== undefined &&
      apart(first, at, this.frame().screen) <= FINGER_PX;
    if (isClosed) this.editor.finish();
    else this.editor.place(this.#snap(at, null));
  }

  // What a drag over the empty picture draws: a line, or a rectangle.
  #box(at: Point): Point[] {
    const [from, to] = [this.#snap(this.#from, null), this.#snap(at, null)];
    if (this.editor.draft.value?.kind === "line") return [from, to];
    return [from, [to[0], from[1]], to, [from[0], to[1]]];
  }

  #snap(at: Point, corner: number | null): Point {
    const { scene, chosen } = this.editor;
    const others = shapesOf(scene.value).flatMap((shape) =>
      // A polygon's corners are not drawn to one another, or its edges would go back on themselves.
      corner !== null && isSame(shape, chosen.value) ? [] : pointsOf(shape),
    );
    const { screen } = this.frame();
    return snapped(at, others, [SNAP_PX / screen.width, SNAP_PX / screen.height]);
  }

  #pointOf({ clientX, clientY }: PointerEvent): Point {
    const { left, top, screen } = this.frame();
    return [(clientX - left) / screen.width, (clientY - top) / screen.height];
  }

  #name = () => `drag ${this.#number}`;
}
