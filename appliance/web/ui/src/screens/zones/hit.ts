// What a press on the picture is on.

import { apart, apartFrom, contains, edgesOf, middle, type Point, type Size } from "./geometry";
import { find, isSame, pointsOf, type Ref, type Scene, type Shape, shapesOf } from "./scene";

export type Hit =
  | { on: "corner"; at: number }
  | { on: "middle"; after: number }
  | { on: "shape"; ref: Ref }
  | { on: "nothing" };

/** An edge that is shorter on the screen has no room for a handle between those of its corners. */
export const ROOMY_PX = 72;
const NEAR_LINE_PX = 14;

/** The edges of a shape whose middle can be pressed, by the corner that they begin at. */
export function roomyEdges(shape: Shape, screen: Size): number[] {
  if (shape.kind === "line") return [];
  return [...edgesOf(shape.points).entries()]
    .filter(([, [a, b]]) => apart(a, b, screen) >= ROOMY_PX)
    .map(([at]) => at);
}

/** What is meant by a press: the nearest handle of the chosen shape within reach, else the shape beneath. */
export function hitAt(scene: Scene, chosen: Ref | null, at: Point, screen: Size, reachPx: number): Hit {
  const shape = find(scene, chosen);
  if (shape !== null) {
    const points = pointsOf(shape);
    const corner = nearest(points, at, screen, reachPx);
    if (corner !== null) return { on: "corner", at: corner };
    const edges = edgesOf(points);
    const roomy = roomyEdges(shape, screen);
    const middles = roomy.map((one) => middle(...(edges[one] as [Point, Point])));
    const found = nearest(middles, at, screen, reachPx);
    if (found !== null) return { on: "middle", after: roomy[found] as number };
  }
  const beneath = shapesOf(scene).filter((one) => isOn(one, at, screen));
  // What is chosen goes first, so that it can be moved away from what it covers.
  const ref = beneath.find((one) => isSame(one, chosen)) ?? smallest(beneath, screen);
  return ref === undefined ? { on: "nothing" } : { on: "shape", ref: { kind: ref.kind, id: ref.id } };
}

function nearest(points: readonly Point[], at: Point, screen: Size, reachPx: number): number | null {
  let [found, leastPx]: [number | null, number] = [null, reachPx];
  for (const [index, point] of points.entries()) {
    const px = apart(point, at, screen);
    if (px <= leastPx) [found, leastPx] = [index, px];
  }
  return found;
}

function isOn(shape: Shape, at: Point, screen: Size): boolean {
  if (shape.kind === "line") return apartFrom([shape.a, shape.b], at, screen) <= NEAR_LINE_PX;
  return contains(shape.points, at);
}

// Of several that lie on one another a line is meant, or the smallest: the others can be pressed beside it.
function smallest(shapes: readonly Shape[], screen: Size): Shape | undefined {
  return shapes.toSorted((one, other) => extent(one, screen) - extent(other, screen))[0];
}

function extent(shape: Shape, screen: Size): number {
  if (shape.kind === "line") return 0;
  const [xs, ys] = [shape.points.map(([x]) => x), shape.points.map(([, y]) => y)];
  return (
    (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys)) * screen.width * screen.height
  );
}
