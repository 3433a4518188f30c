// The latest event of each camera, kept right by the messages.

import { type Signal, signal } from "@preact/signals";
import { get, withQuery } from "../../api";
import type { Message } from "../../messages";
import { useFollowed } from "../../state/follow";
import { cameraList } from "../../state/session";
import type { Event, Items } from "../../wire";

// Most cameras' latest event is among the latest of all; the others are asked for one by one.
const FIRST_PAGE = 100;

/** The latest event by camera; kept right while `useLatestEvents` is in use. */
export const latest = signal<ReadonlyMap<string, Event>>(new Map());

/** Follow the latest events for as long as the component is shown. */
export function useLatestEvents(): Signal<ReadonlyMap<string, Event>> {
  useFollowed(fetchAll, apply, []);
  return latest;
}

async function fetchAll(stop: AbortSignal): Promise<number | null> {
  try {
    const { data, cursor } = await get<Items<Event>>(`/events?limit=${FIRST_PAGE}`, stop);
    const found = new Map<string, Event>();
    for (const event of data.items.toReversed()) found.set(event.camera_id, event);
    latest.value = found;
    if (data.next !== null) void fetchOthers(stop);
    return cursor;
  } catch {
    // Nothing is said of events; that the box does not answer is told by the page.
    return null;
  }
}

async function fetchOthers(stop: AbortSignal): Promise<void> {
  for (const { id } of cameraList.peek())
    if (!latest.peek().has(id) && !stop.aborted) await fetchOne(id, stop);
}

async function fetchOne(cameraId: string, stop?: AbortSignal): Promise<void> {
  try {
    const { data } = await get<Items<Event>>(withQuery("/events", { camera: cameraId, limit: 1 }), stop);
    // What messages have said meanwhile is newer.
    for (const event of data.items) if (!latest.peek().has(cameraId)) put(event);
  } catch {
    // As above.
  }
}

function apply(said: Message): void {
  if (said.type === "event_created" || said.type === "event_updated") put(said.data);
  else if (said.type === "event_deleted" && latest.peek().get(said.data.camera_id)?.id === said.data.id) {
    const others = new Map(latest.peek());
    others.delete(said.data.camera_id);
    latest.value = others;
    void fetchOne(said.data.camera_id);
  }
}

function put(event: Event): void {
  const known = latest.peek().get(event.camera_id);
  if (known !== undefined && known.id !== event.id && known.started_at > event.started_at) return;
  latest.value = new Map(latest.peek()).set(event.camera_id, event);
}
