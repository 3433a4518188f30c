// Which boxes belong to a picture, by the time at which it was taken.

import type { WireBox } from "../wire";

/** What was found in a picture, and when that was taken. */
interface Timed {
  atMs: number;
  boxes: readonly WireBox[];
}

// Not every picture is looked at: its boxes are shown until those of the next one, and no longer than this.
const LONGEST_MS = 700;
// Of the looks before and after a picture the nearer one counts, if it is as near as this.
const EARLY_MS = 120;
// Times are written in whole milliseconds.
const ROUNDING_MS = 1;
const TRACK_MS = 4000;

/** What was found in the picture that was taken then, or in the nearest one that was looked at. */
export function foundAt<T extends Timed>(found: readonly T[], wallMs: number): T | null {
  const before = found.findLastIndex(({ atMs }) => atMs <= wallMs + ROUNDING_MS);
  const [one, next] = [found[before], found[before + 1]];
  const isNextNearer =
    next !== undefined && next.atMs - wallMs < Math.min(EARLY_MS, wallMs - (one?.atMs ?? 0));
  if (isNextNearer) return next;
  return one !== undefined && wallMs - one.atMs <= LONGEST_MS ? one : null;
}

/** The way of each object that is in the picture: where it stood in the seconds before, oldest first. */
export function tracksUntil(found: readonly Timed[], shown: Timed): [number, number][][] {
  const ways = new Map<number, [number, number][]>();
  for (const { track_id: id } of shown.boxes) if (id !== null) ways.set(id, []);
  for (const { atMs, boxes } of found) {
    if (atMs > shown.atMs || atMs < shown.atMs - TRACK_MS) continue;
    for (const { box, track_id: id } of boxes) if (id !== null) ways.get(id)?.push(footOf(box));
  }
  return [...ways.values()].filter((way) => way.length > 1);
}

/** Where what is in a box stands: the middle of its lower edge. */
const footOf = ([left, , right, bottom]: WireBox["box"]): [number, number] => [(left + right) / 2, bottom];
