// The drawing as it is being changed: what is there, what is chosen, and what is being drawn.

import { computed, signal } from "@preact/signals";
import { middle, moved, onPicture, type Point } from "./geometry";
import { begun, done, type History, redone, settled, undone } from "./history";
import {
  EMPTY,
  find,
  fresh,
  isSame,
  type Kind,
  LEAST_CORNERS,
  MOST_CORNERS,
  pointsOf,
  put,
  type Ref,
  type Scene,
  type Shape,
  without,
  withPoints,
} from "./scene";

/** A shape of which not all corners are there yet. */
export interface Draft {
  kind: Kind;
  points: readonly Point[];
}

// In the middle of the picture, large enough to be taken by a finger.
const READY: Point[] = [
  [0.35, 0.4],
  [0.65, 0.4],
  [0.65, 0.75],
  [0.35, 0.75],
];
const READY_LINE: Point[] = [
  [0.3, 0.6],
  [0.7, 0.6],
];

export class Editor {
  readonly #history = signal<History<Scene>>(begun(EMPTY));
  readonly #saved = signal<Scene>(EMPTY);
  /** The shape that is being changed. */
  readonly chosen = signal<Ref | null>(null);
  /** The corner of it that is being moved, or was moved last. */
  readonly corner = signal<number | null>(null);
  readonly draft = signal<Draft | null>(null);
  /** Where the pointer is while something is drawn, and what it has stretched over the empty picture. */
  readonly pointer = signal<Point | null>(null);
  readonly stretch = signal<readonly Point[] | null>(null);
  /** The corner that is to have the keyboard's focus as soon as it is shown. */
  readonly toFocus = signal<number | null>(null);

  readonly scene = computed(() => this.#history.value.now);
  readonly shape = computed(() => find(this.scene.value, this.chosen.value));
  readonly canUndo = computed(() => this.#history.value.past.length > 0);
  readonly canRedo = computed(() => this.#history.value.future.length > 0);
  readonly isChanged = computed(() => JSON.stringify(this.scene.value) !== JSON.stringify(this.#saved.value));

  constructor(saved: Scene) {
    this.#history.value = begun(saved);
    this.#saved.value = saved;
  }

  /** It is kept by the box as it is here, or as the box says. */
  wasSaved(scene: Scene): void {
    this.#saved.value = scene;
  }

  /** Whether this is what the box has, as far as is known here. */
  isSaved = (scene: Scene) => JSON.stringify(scene) === JSON.stringify(this.#saved.peek());

  /** Begin anew with what the box has. */
  load(scene: Scene): void {
    this.#saved.value = scene;
    this.#history.value = begun(scene);
    this.draft.value = null;
    this.#choosePresent();
  }

  choose(ref: Ref | null): void {
    this.settle();
    if (!isSame(ref, this.chosen.value)) this.corner.value = null;
    this.chosen.value = ref === null ? null : { kind: ref.kind, id: ref.id };
  }

  /** Change the chosen shape; changes of the same name that follow one another are one step. */
  change(next: Shape, doing: string | null = null): void {
    this.#put(put(this.scene.value, next), doing);
  }

  /** What comes next is a step of its own; with a name only if that is what is being done. */
  settle(doing: string | null = null): void {
    const history = this.#history.peek();
    if (doing === null || history.doing === doing) this.#history.value = settled(history);
  }

  /** Have the keyboard go on from a corner. */
  focusOn(at: number): void {
    this.corner.value = at;
    this.toFocus.value = at;
  }

  setPoints(points: readonly Point[], doing: string): void {
    const shape = this.shape.value;
    if (shape !== null) this.change(withPoints(shape, points), doing);
  }

  movePoint(at: number, to: Point, doing: string): void {
    this.corner.value = at;
    const points = this.#points();
    if (points[at] !== undefined) this.setPoints(points.with(at, onPicture(to)), doing);
  }

  /** Move the whole shape, as far as it stays on the picture. */
  moveAll(byX: number, byY: number, doing: string): void {
    this.setPoints(moved(this.#points(), byX, byY), doing);
  }

  /** Add a corner after another one, in the middle of the edge; returns its place, or null where none fits. */
  addAfter(at: number, where: Point | null = null, doing: string | null = null): number | null {
    const [shape, points] = [this.shape.value, this.#points()];
    const [one, other] = [points[at], points[(at + 1) % points.length]];
    if (shape === null || shape.kind === "line" || points.length >= MOST_CORNERS) return null;
    if (one === undefined || other === undefined) return null;
    const added = where === null ? middle(one, other) : onPicture(where);
    this.focusOn(at + 1);
    this.change(withPoints(shape, points.toSpliced(at + 1, 0, added)), doing);
    return at + 1;
  }

  /** Take a corner away; false where no fewer will do. */
  removePoint(at: number): boolean {
    const [shape, points] = [this.shape.value, this.#points()];
    if (shape === null || shape.kind === "line" || points.length <= LEAST_CORNERS) return false;
    this.focusOn(Math.min(at, points.length - 2));
    this.change(withPoints(shape, points.toSpliced(at, 1)));
    return true;
  }

  /** Turn a line round: what was forward is backward. */
  turn(): void {
    const shape = this.shape.value;
    if (shape?.kind === "line") this.change({ ...shape, a: shape.b, b: shape.a });
  }

  remove(ref: Ref): void {
    this.#put(without(this.scene.value, ref), null);
    this.#choosePresent();
  }

  undo(): void {
    this.#history.value = undone(this.#history.value);
    this.#choosePresent();
  }

  redo(): void {
    this.#history.value = redone(this.#history.value);
    this.#choosePresent();
  }

  /** Begin to draw a shape. */
  begin(kind: Kind): void {
    this.choose(null);
    this.draft.value = { kind, points: [] };
  }

  /** Add a corner to what is being drawn; the second end of a line finishes it. */
  place(at: Point): void {
    const draft = this.draft.value;
    if (draft === null) return;
    const points = [...draft.points, onPicture(at)];
    this.draft.value = { ...draft, points };
    if (points.length >= (draft.kind === "line" ? 2 : MOST_CORNERS)) this.finish();
  }

  /** Take back the corner that was placed last. */
  unplace(): void {
    const draft = this.draft.value;
    if (draft !== null) this.draft.value = { ...draft, points: draft.points.slice(0, -1) };
  }

  /** Whether what is being drawn has as many corners as it needs. */
  readonly canFinish = computed(() => {
    const draft = this.draft.value;
    return draft !== null && draft.points.length >= (draft.kind === "line" ? 2 : LEAST_CORNERS);
  });

  /** What is being drawn is whole, or is drawn at once from corners that are given. */
  finish(points: readonly Point[] | null = null): void {
    const draft = this.draft.value;
    if (draft === null) return;
    const shape = fresh(this.scene.value, draft.kind, (points ?? draft.points).map(onPicture));
    this.draft.value = null;
    this.#put(put(this.scene.value, shape), null);
    this.choose(shape);
    this.focusOn(0);
  }

  /** Have a shape in the middle of the picture, to be moved where it belongs. */
  finishReady(): void {
    this.finish(this.draft.value?.kind === "line" ? READY_LINE : READY);
  }

  cancel(): void {
    this.draft.value = null;
  }

  #points(): Point[] {
    const shape = this.shape.value;
    return shape === null ? [] : pointsOf(shape);
  }

  #put(next: Scene, doing: string | null): void {
    this.#history.value = done(this.#history.value, next, doing);
  }

  // What was chosen may be gone.
  #choosePresent(): void {
    if (find(this.scene.value, this.chosen.value) === null) this.choose(null);
  }
}
