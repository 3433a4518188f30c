// How one tile of what there is of cameras' times is asked for.

import { get, withQuery } from "../../api";
import type { Event, Footage, Items, TimelineBucket, Timeline as WholeTimeline } from "../../wire";
import { type Bucket, type Interval, intervalOf, type Mark, markOf } from "./coverage";
import { keyOf, type Level, type Place, rangeOf } from "./tiles";

const EVENTS_A_PAGE = 500;
const MOST_EVENT_PAGES = 4;

/** What is known of a tile's time: intervals and events, or buckets. */
export interface Content {
  intervals: readonly Interval[];
  marks: readonly Mark[];
  buckets: readonly Bucket[];
}

const iso = (ms: number) => new Date(ms).toISOString();

export const EMPTY: Content = { intervals: [], marks: [], buckets: [] };

/** A request, and the tiles that it brings in the order of its answer. */
export interface Job {
  key: string;
  places: Place[];
  fetch: (signal: AbortSignal) => Promise<Content[]>;
}

// Exact intervals are asked for camera by camera, buckets for all of them at once.
export function jobsOf(cameras: readonly string[], level: Level, index: number): Job[] {
  const places = cameras.map((cameraId) => ({ cameraId, level, index }));
  if (level.bucketS !== null) {
    const key = `${level.name}/${index}/${cameras.join("/")}`;
    return [{ key, places, fetch: (signal) => coarse(cameras, { level, index }, signal) }];
  }
  return places.map((place) => ({
    key: keyOf(place),
    places: [place],
    fetch: async (signal) => [await exact(place, signal)],
  }));
}

async function exact(place: Place, signal: AbortSignal): Promise<Content> {
  const { fromMs, toMs } = rangeOf(place);
  const path = withQuery(`/cameras/${place.cameraId}/footage`, { from: iso(fromMs), to: iso(toMs) });
  const [footage, marks] = await Promise.all([
    get<Footage>(path, signal),
    eventsOf(place.cameraId, fromMs, toMs, signal),
  ]);
  return { intervals: footage.data.items.map(intervalOf), marks, buckets: [] };
}

/** The events of a camera that begin in a time, in order. */
async function eventsOf(camera: string, fromMs: number, toMs: number, signal?: AbortSignal): Promise<Mark[]> {
  const found: Mark[] = [];
  let page: string | null = null;
  for (let i = 0; i < MOST_EVENT_PAGES; i += 1) {
    const query = { camera, from: iso(fromMs), to: iso(toMs), limit: EVENTS_A_PAGE, page };
    const { data } = (await get(withQuery("/events", query), signal)) as { data: Items<Event> };
    found.push(...data.items.map(markOf));
    page = data.next;
    if (page === null) break;
  }
  return found.sort((one, other) => one.fromMs - other.fromMs);
}

async function coarse(
  cameras: readonly string[],
  tile: Pick<Place, "level" | "index">,
  signal: AbortSignal,
): Promise<Content[]> {
  const { fromMs, toMs } = rangeOf(tile);
  const bucketS = tile.level.bucketS ?? 1;
  const buckets = Math.round((toMs - fromMs) / 1000 / bucketS);
  const path = withQuery("/timeline", { camera: [...cameras], from: iso(fromMs), to: iso(toMs), buckets });
  const { data } = await get<WholeTimeline>(path, signal);
  const byCamera = new Map(data.cameras.map((one) => [one.camera_id, one.buckets]));
  return cameras.map((id) => ({
    ...EMPTY,
    buckets: (byCamera.get(id) ?? []).map((one) => bucketOf(one, data.bucket_s * 1000)),
  }));
}

function bucketOf(one: TimelineBucket, lastsMs: number): Bucket {
  const fromMs = Date.parse(one.at);
  return {
    fromMs,
    toMs: fromMs + lastsMs,
    recorded: one.recorded,
    motion: one.motion,
    missing: one.missing,
    cause: one.cause,
    isProtected: one.protected,
    events: one.events,
    severity: one.severity,
  };
}
