// Points, polygons and lines on a picture, in unit coordinates: 0 to 1 of its width and height, from the top left.

export type Point = [number, number];
export interface Size {
  width: number;
  height: number;
}

const clamped = (value: number, least = 0, most = 1) => Math.min(most, Math.max(least, value));
// More digits than a picture has pixels say nothing.
const rounded = (value: number) => Math.round(value * 1e5) / 1e5;

/** The same point on the picture, where it was beside it. */
export const onPicture = ([x, y]: Point): Point => [rounded(clamped(x)), rounded(clamped(y))];

/** In the middle of two points. */
export const middle = (one: Point, other: Point): Point => [
  rounded((one[0] + other[0]) / 2),
  rounded((one[1] + other[1]) / 2),
];

/** The same points, moved together as far as all of them stay on the picture. */
export function moved(points: readonly Point[], byX: number, byY: number): Point[] {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const x = clamped(byX, -Math.min(...xs), 1 - Math.max(...xs));
  const y = clamped(byY, -Math.min(...ys), 1 - Math.max(...ys));
  return points.map(([atX, atY]) => onPicture([atX + x, atY + y]));
}

/** The edges of a polygon, the last one back to its first corner. */
export const edgesOf = (points: readonly Point[]): [Point, Point][] =>
  points.map((point, at) => [point, points[(at + 1) % points.length] as Point]);

/** On which side of the way from `a` to `b` a point is: above 0 on the right, as one sees it going there. */
export const sideOf = (a: Point, b: Point, at: Point) =>
  (b[0] - a[0]) * (at[1] - a[1]) - (b[1] - a[1]) * (at[0] - a[0]);

/** Whether a point lies on the stretch between two others that are in a line with it. */
const isBetween = (a: Point, b: Point, at: Point) =>
  Math.min(a[0], b[0]) <= at[0] &&
  at[0] <= Math.max(a[0], b[0]) &&
  Math.min(a[1], b[1]) <= at[1] &&
  at[1] <= Math.max(a[1], b[1]);

/** Whether two stretches have a point in common. */
export function meet([a, b]: readonly [Point, Point], [c, d]: readonly [Point, Point]): boolean {
  const [atA, atB] = [sideOf(c, d, a), sideOf(c, d, b)];
  const [atC, atD] = [sideOf(a, b, c), sideOf(a, b, d)];
  if (atA * atB < 0 && atC * atD < 0) return true;
  return (
    (atA === 0 && isBetween(c, d, a)) ||
    (atB === 0 && isBetween(c, d, b)) ||
    (atC === 0 && isBetween(a, b, c)) ||
    (atD === 0 && isBetween(a, b, d))
  );
}

/** Whether a polygon crosses or touches itself, or goes back on its own edge. */
export function crossesItself(points: readonly Point[]): boolean {
  const edges = edgesOf(points);
  for (const [at, edge] of edges.entries()) {
    for (let other = at + 1; other < edges.length; other += 1) {
      const isNext = other === at + 1;
      const isLastBeforeFirst = at === 0 && other === edges.length - 1;
      const beside = edges[other] as [Point, Point];
      if (isNext || isLastBeforeFirst ? goesBack(edge, beside, isNext) : meet(edge, beside)) return true;
    }
  }
  return false;
}

// Neighbours have a corner in common, and must have no more than that.
function goesBack(edge: [Point, Point], beside: [Point, Point], isNext: boolean): boolean {
  const [corner, from, to] = isNext ? [edge[1], edge[0], beside[1]] : [edge[0], edge[1], beside[0]];
  const isFolded =
    (from[0] - corner[0]) * (to[0] - corner[0]) + (from[1] - corner[1]) * (to[1] - corner[1]) > 0;
  const isPoint = (one: Point) => one[0] === corner[0] && one[1] === corner[1];
  return isPoint(from) || isPoint(to) || (isFolded && Math.abs(sideOf(from, corner, to)) < 1e-9);
}

/** Whether a point is in a polygon. */
export function contains(points: readonly Point[], [x, y]: Point): boolean {
  let isIn = false;
  for (const [[ax, ay], [bx, by]] of edgesOf(points)) {
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) isIn = !isIn;
  }
  return isIn;
}

/** What part of the picture a polygon covers. */
export function areaOf(points: readonly Point[]): number {
  const twice = edgesOf(points).reduce((sum, [a, b]) => sum + a[0] * b[1] - b[0] * a[1], 0);
  return Math.abs(twice) / 2;
}

/** How far two points are apart on a picture of this size, in its pixels. */
export const apart = (one: Point, other: Point, { width, height }: Size) =>
  Math.hypot((one[0] - other[0]) * width, (one[1] - other[1]) * height);

/** How far a point is from a stretch on a picture of this size, in its pixels. */
export function apartFrom([a, b]: readonly [Point, Point], at: Point, size: Size): number {
  const [bx, by] = [(b[0] - a[0]) * size.width, (b[1] - a[1]) * size.height];
  const [px, py] = [(at[0] - a[0]) * size.width, (at[1] - a[1]) * size.height];
  const length = bx * bx + by * by;
  const along = length === 0 ? 0 : clamped((px * bx + py * by) / length);
  return Math.hypot(px - along * bx, py - along * by);
}

/** Where a polygon's name is written: the middle of its corners, or of the widest part at that height. */
export function heartOf(points: readonly Point[]): Point {
  const of = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const heart: Point = [of(0), of(1)];
  if (contains(points, heart)) return heart;
  const cuts = edgesOf(points)
    .filter(([a, b]) => a[1] > heart[1] !== b[1] > heart[1])
    .map(([a, b]) => a[0] + ((heart[1] - a[1]) / (b[1] - a[1])) * (b[0] - a[0]))
    .sort((one, other) => one - other);
  let widest: Point = heart;
  for (let at = 0, most = 0; at + 1 < cuts.length; at += 2) {
    const [left, right] = [cuts[at] as number, cuts[at + 1] as number];
    if (right - left > most) [most, widest] = [right - left, [(left + right) / 2, heart[1]]];
  }
  return widest;
}

/** A point drawn to another one that is near, or to the picture's edge; `reach` is in units of each side. */
export function snapped(at: Point, others: readonly Point[], reach: Point): Point {
  const away = (one: Point) => Math.hypot((one[0] - at[0]) / reach[0], (one[1] - at[1]) / reach[1]);
  const nearest = others.toSorted((one, other) => away(one) - away(other))[0];
  if (nearest !== undefined && away(nearest) <= 1) return nearest;
  const toEdge = (value: number, within: number) => (value < within ? 0 : value > 1 - within ? 1 : value);
  return onPicture([toEdge(at[0], reach[0]), toEdge(at[1], reach[1])]);
}

/** Which way is forward across a line: from its left to its right, in pixels, of length 1. */
export function forwardOf(a: Point, b: Point, { width, height }: Size): Point {
  const [x, y] = [(b[0] - a[0]) * width, (b[1] - a[1]) * height];
  const length = Math.hypot(x, y) || 1;
  // Down is where y grows: then the right of (1, 0) is (0, 1).
  return [-y / length || 0, x / length || 0];
}

const WAYS = ["to the right", "down to the right", "down", "down to the left"] as const;
const WAYS_BACK = ["to the left", "up to the left", "up", "up to the right"] as const;

/** A direction on the picture in words: `up`, `down to the right`. */
export function wayInWords([x, y]: Point): string {
  const eighth = (Math.round(Math.atan2(y, x) / (Math.PI / 4)) + 8) % 8;
  return (eighth < 4 ? WAYS[eighth] : WAYS_BACK[eighth - 4]) as string;
}
