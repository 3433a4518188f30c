// Where objects stood in the last hour, and how many of them a zone or line would have caught.

import type { Footpoint } from "../../wire";
import { contains, type Point, sideOf } from "./geometry";

interface Filtered {
  labels: readonly string[] | null;
}

const counts = ({ labels }: Filtered, point: Footpoint) => labels === null || labels.includes(point.label);

/** How many objects there were at all. */
export const objectsIn = (points: readonly Footpoint[]) => waysOf(points).size;

/** Whether a foot stood in a polygon, and is of a label that it is for. */
export const standsIn = (shape: Filtered & { points: Point[] }, point: Footpoint) =>
  counts(shape, point) && contains(shape.points, [point.x, point.y]);

/** The objects that stood in a polygon, of the labels that it is for. */
export function caughtBy(shape: Filtered & { points: Point[] }, points: readonly Footpoint[]): Set<number> {
  const caught = new Set<number>();
  for (const point of points) {
    if (point.track_id === null || caught.has(point.track_id)) continue;
    if (standsIn(shape, point)) caught.add(point.track_id);
  }
  return caught;
}

/** The ways of the objects, from point to point; points are in the order of time. */
export function waysOf(points: readonly Footpoint[]): Map<number, Footpoint[]> {
  const ways = new Map<number, Footpoint[]>();
  for (const point of points) {
    // Of a box that was followed by nobody it is not known whose way it was on.
    if (point.track_id === null) continue;
    const way = ways.get(point.track_id);
    if (way === undefined) ways.set(point.track_id, [point]);
    else way.push(point);
  }
  return ways;
}

interface CountingLine extends Filtered {
  a: Point;
  b: Point;
  counts: "both" | "forward" | "backward";
}

/** How many ways crossed a line in each direction that counts; forward is from its left to its right. */
export function crossingsOf(line: CountingLine, ways: ReadonlyMap<number, readonly Footpoint[]>) {
  const found = { forward: 0, backward: 0 };
  for (const way of ways.values()) {
    let last: { at: Point; side: number } | null = null;
    for (const point of way) {
      if (!counts(line, point)) continue;
      const at: Point = [point.x, point.y];
      const side = sideOf(line.a, line.b, at);
      // On the line it is on neither side yet.
      if (side === 0) continue;
      if (last !== null && last.side < 0 !== side < 0 && isWithin(line, last.at, at)) {
        if (side > 0) found.forward += 1;
        else found.backward += 1;
      }
      last = { at, side };
    }
  }
  return {
    forward: line.counts === "backward" ? 0 : found.forward,
    backward: line.counts === "forward" ? 0 : found.backward,
  };
}

// The line's two ends are on different sides of the way, or on it.
const isWithin = ({ a, b }: CountingLine, from: Point, to: Point) =>
  sideOf(from, to, a) * sideOf(from, to, b) <= 0;
