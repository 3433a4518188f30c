// What was fetched of which time, at which fineness. An old answer never takes the place of a newer one.

import type { View } from "./scale";
import { spanOf } from "./scale";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MOST_TILES = 600;
/** What reaches into now is asked for again after so long, and what does not after so long. */
const FRESH_MS = 10_000;
const FRESH_COARSE_MS = 30_000;
const FRESH_PAST_MS = 300_000;

/** How fine it is: exact intervals and events, or buckets of so many seconds; a tile is what one request brings. */
export interface Level {
  name: string;
  mostSpanMs: number;
  tileMs: number;
  bucketS: number | null;
}

export const LEVELS: readonly Level[] = [
  { name: "exact", mostSpanMs: 12 * HOUR, tileMs: 4 * HOUR, bucketS: null },
  { name: "5min", mostSpanMs: 3 * DAY, tileMs: DAY, bucketS: 300 },
  { name: "20min", mostSpanMs: 10 * DAY, tileMs: 4 * DAY, bucketS: 1200 },
  { name: "hour", mostSpanMs: Number.POSITIVE_INFINITY, tileMs: 16 * DAY, bucketS: 3600 },
];
export const EXACT = LEVELS[0] as Level;

export const levelOf = (view: View) => LEVELS.find((one) => spanOf(view) <= one.mostSpanMs) ?? EXACT;

/** One tile of one camera. */
export interface Place {
  cameraId: string;
  level: Level;
  index: number;
}

export const keyOf = (place: Place) => `${place.level.name}/${place.index}/${place.cameraId}`;
export const rangeOf = ({ level, index }: Pick<Place, "level" | "index">): View => ({
  fromMs: index * level.tileMs,
  toMs: (index + 1) * level.tileMs,
});

/** The tiles that show a view, those in its middle first; none that lie in the future. */
export function indexesOf(level: Level, view: View, nowMs: number): number[] {
  const first = Math.max(0, Math.floor(view.fromMs / level.tileMs));
  const last = Math.floor(Math.min(view.toMs, nowMs) / level.tileMs);
  const middle = (view.fromMs + view.toMs) / 2 / level.tileMs - 0.5;
  const found = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
  return found.sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle));
}

interface Kept<T> {
  data: T;
  turn: number;
  atMs: number;
  isStale: boolean;
}

/** Keeps tiles; the longest unused go when there are too many. */
export class Tiles<T> {
  readonly #kept = new Map<string, Kept<T>>();
  #turn = 0;

  /** Begin a request: what it brings counts only as long as no later one has brought something. */
  begin(): number {
    this.#turn += 1;
    return this.#turn;
  }

  /** Take an answer; false where a newer one is there already. */
  put(place: Place, turn: number, data: T, nowMs: number): boolean {
    const key = keyOf(place);
    const before = this.#kept.get(key);
    if (before !== undefined && before.turn > turn) return false;
    this.#kept.delete(key);
    this.#kept.set(key, { data, turn, atMs: nowMs, isStale: false });
    if (this.#kept.size > MOST_TILES) this.#kept.delete(this.#kept.keys().next().value as string);
    return true;
  }

  get(place: Place): T | null {
    return this.#kept.get(keyOf(place))?.data ?? null;
  }

  /** Whether it is to be fetched, for the first time or anew. */
  isDue(place: Place, nowMs: number): boolean {
    const kept = this.#kept.get(keyOf(place));
    if (kept === undefined || kept.isStale) return true;
    const freshMs = place.level.bucketS === null ? FRESH_MS : FRESH_COARSE_MS;
    // It is asked for once more after its end has passed, since what it said of that time was not final.
    const wasOpen = rangeOf(place).toMs > kept.atMs - 2 * FRESH_COARSE_MS;
    return nowMs - kept.atMs > (wasOpen ? freshMs : FRESH_PAST_MS);
  }

  /** Change the data of a tile that is there, as a message says. */
  change(place: Place, change: (data: T) => T): void {
    const kept = this.#kept.get(keyOf(place));
    if (kept !== undefined) kept.data = change(kept.data);
  }

  /** Have everything of a camera, or everything, fetched anew where it is shown. */
  expire(cameraId?: string): void {
    for (const [key, kept] of this.#kept)
      if (cameraId === undefined || key.endsWith(`/${cameraId}`)) kept.isStale = true;
  }
}
