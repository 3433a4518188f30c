// The next or the one before: of events, or of motion, of any of the cameras.

import { get, withQuery } from "../../api";
import { nameOf } from "../../state/session";
import type { Event, Footage, Items } from "../../wire";
import { eventWords, intervalOf, markOf } from "./coverage";

export type Kind = "event" | "motion";

export interface Moment {
  ms: number;
  text: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What begins nearer than this is what is shown already: one goes there a second before it begins. */
const HERE_MS = 1500;
const SECONDS_BACK_MS = 3000;
const WINDOWS_MS = [HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS, 31 * DAY_MS, 366 * DAY_MS];
const MOTION_WINDOWS_MS = [HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS];
const MOST = 500;
const LOOK_BACK_MS = 20_000;

const iso = (ms: number) => new Date(Math.round(ms)).toISOString();

export function findMoment(
  kind: Kind,
  cameras: readonly string[],
  fromMs: number,
  direction: 1 | -1,
): Promise<Moment | null> {
  if (kind === "event") return direction < 0 ? eventBefore(cameras, fromMs) : eventAfter(cameras, fromMs);
  return motion(cameras, fromMs, direction);
}

async function eventBefore(cameras: readonly string[], ms: number): Promise<Moment | null> {
  const items = await events(cameras, { to: iso(ms - SECONDS_BACK_MS), limit: 1 });
  return items[0] === undefined ? null : momentOf(items[0]);
}

// The list is newest first: the next one is the last of a window, which grows until there is one in it.
async function eventAfter(cameras: readonly string[], ms: number): Promise<Moment | null> {
  let from = ms + HERE_MS;
  for (const lastsMs of WINDOWS_MS) {
    if (from >= Date.now()) return null;
    const to = from + lastsMs;
    const found = await oldest(cameras, from, to);
    if (found !== null) return momentOf(found);
    from = to;
  }
  return null;
}

// In a window with more than a page of events the next one is in its first half, or the quarter of that.
async function oldest(cameras: readonly string[], fromMs: number, toMs: number): Promise<Event | null> {
  for (let to = toMs; ; to = fromMs + (to - fromMs) / 4) {
    const items = await events(cameras, { from: iso(fromMs), to: iso(to), limit: MOST });
    if (items.length < MOST || to - fromMs < 10_000) {
      if (items.length === 0 && to < toMs) return oldest(cameras, to, toMs);
      return items.at(-1) ?? null;
    }
  }
}

async function events(cameras: readonly string[], query: Record<string, string | number>): Promise<Event[]> {
  const { data } = await get<Items<Event>>(withQuery("/events", { camera: [...cameras], ...query }));
  return data.items;
}

const momentOf = (event: Event): Moment => {
  const mark = markOf(event);
  return { ms: mark.fromMs, text: eventWords(mark) };
};

async function motion(cameras: readonly string[], ms: number, direction: 1 | -1): Promise<Moment | null> {
  let edge = ms;
  for (const lastsMs of MOTION_WINDOWS_MS) {
    if (direction > 0 && edge >= Date.now()) return null;
    const [from, to] = direction > 0 ? [edge, Math.min(edge + lastsMs, Date.now())] : [edge - lastsMs, edge];
    if (from >= to) return null;
    const found = await motionIn(cameras, from, to, ms, direction);
    if (found !== null) return found;
    edge = direction > 0 ? to : from;
  }
  return null;
}

async function motionIn(
  cameras: readonly string[],
  fromMs: number,
  toMs: number,
  hereMs: number,
  direction: 1 | -1,
): Promise<Moment | null> {
  const begins = await Promise.all(cameras.map((id) => motionOf(id, fromMs, toMs)));
  const wanted = begins
    .flat()
    .filter(({ ms }) => (direction > 0 ? ms > hereMs + HERE_MS : ms < hereMs - SECONDS_BACK_MS));
  wanted.sort((one, other) => (one.ms - other.ms) * direction);
  return wanted[0] ?? null;
}

async function motionOf(id: string, fromMs: number, toMs: number): Promise<Moment[]> {
  const path = withQuery(`/cameras/${id}/footage`, { from: iso(fromMs), to: iso(toMs) });
  const intervals = (await get<Footage>(path)).data.items.map(intervalOf);
  return intervals
    .filter((one, i) => one.hasMotion && intervals[i - 1]?.hasMotion !== true && one.fromMs > fromMs)
    .map((one) => ({ ms: one.fromMs, text: `motion at ${nameOf(id)}` }));
}

/** A little before the end of what was recorded last; where nothing was, a little before now. */
export async function lastRecorded(cameraId: string | undefined): Promise<number> {
  const now = Date.now();
  if (cameraId === undefined) return now;
  try {
    for (const days of [1, 7]) {
      const path = `/cameras/${cameraId}/footage`;
      const { data } = await get<Footage>(withQuery(path, { from: iso(now - days * DAY_MS), to: iso(now) }));
      const last = data.items.map(intervalOf).findLast((one) => one.state === "recorded");
      if (last !== undefined) return Math.max(last.fromMs, last.toMs - LOOK_BACK_MS);
    }
  } catch {
    // The library says what is wrong.
  }
  return now - LOOK_BACK_MS;
}
