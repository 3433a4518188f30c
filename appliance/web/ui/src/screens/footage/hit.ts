// What of a timeline is under a pointer.

import type { Mark } from "./coverage";
import { type View, xOf } from "./scale";
import { ROW_PX, SCALE_PX } from "./scene";

const NEAR_PX = 6;
const RANKS = { low: 0, medium: 1, high: 2, critical: 3 } as const;

/** The row at a height, of so many; above and below it is the first and the last one. */
export function rowAt(y: number, rows: number): number {
  return Math.min(rows - 1, Math.max(0, Math.floor((y - SCALE_PX) / ROW_PX)));
}

/** The events whose marks or whose time a place touches, the gravest first. */
export function marksAt(marks: readonly Mark[], view: View, width: number, x: number): Mark[] {
  const touches = (one: Mark) => {
    const left = xOf(view, width, one.fromMs);
    return x >= left - NEAR_PX && x <= Math.max(left + NEAR_PX, xOf(view, width, one.toMs));
  };
  return marks
    .filter(touches)
    .sort((one, other) => RANKS[other.severity] - RANKS[one.severity] || one.fromMs - other.fromMs);
}

/** The event whose mark, where it begins, is nearest to a place; null where there is none near. */
export function markAt(marks: readonly Mark[], view: View, width: number, x: number): Mark | null {
  let found: Mark | null = null;
  let best = NEAR_PX;
  for (const one of marks) {
    const apart = Math.abs(xOf(view, width, one.fromMs) - x);
    if (apart <= best) [found, best] = [one, apart];
  }
  return found;
}
