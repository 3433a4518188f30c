// Where an event's object is at a moment: its boxes, fetched as far as they are looked at, and drawn in between.

import type { WireDetection } from "../../wire";

export type Box = readonly [number, number, number, number];

/** A box at a moment; xyxy from 0 to 1 of width and height. */
export interface Spot {
  atMs: number;
  box: Box;
}

// What stands still is looked at once a second.
const LONGEST_BETWEEN_MS = 1300;
const HELD_MS = 400;

/** The boxes of an event's object in frames, oldest first. */
export function spotsOf(items: readonly WireDetection[]): Spot[] {
  return items.flatMap(({ at, width, height, boxes }) => {
    const [first] = boxes;
    if (first === undefined) return [];
    const [x0, y0, x1, y1] = first.box;
    return [{ atMs: Date.parse(at), box: [x0 / width, y0 / height, x1 / width, y1 / height] as const }];
  });
}

/** The index of the last one at or before a moment; -1 before the first. */
export function indexAt(times: readonly { atMs: number }[], atMs: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle]?.atMs ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Where it is at a moment: between two sights that are close on the way from one to the other. */
export function boxAt(spots: readonly Spot[], atMs: number): Box | null {
  const index = indexAt(spots, atMs);
  const [before, after] = [spots[index], spots[index + 1]];
  if (before !== undefined && after !== undefined && after.atMs - before.atMs <= LONGEST_BETWEEN_MS) {
    const share = (atMs - before.atMs) / (after.atMs - before.atMs);
    return mixed(before.box, after.box, share);
  }
  if (before !== undefined && atMs - before.atMs <= HELD_MS) return before.box;
  if (after !== undefined && after.atMs - atMs <= HELD_MS) return after.box;
  return null;
}

function mixed(one: Box, other: Box, share: number): Box {
  const side = (i: 0 | 1 | 2 | 3) => one[i] + (other[i] - one[i]) * share;
  return [side(0), side(1), side(2), side(3)];
}

/** Where it stands: the middle of the box's lower edge. */
export const footOf = ([x0, , x1, y1]: Box): [number, number] => [(x0 + x1) / 2, y1];

/** Sights that come in pieces, in any order, some of them twice. */
export function joined(known: readonly Spot[], more: readonly Spot[]): Spot[] {
  const byTime = new Map([...known, ...more].map((spot) => [spot.atMs, spot]));
  return [...byTime.values()].sort((one, other) => one.atMs - other.atMs);
}
