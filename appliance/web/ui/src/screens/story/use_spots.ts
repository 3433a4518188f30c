// The boxes of an event's object around the moment that is shown.

import { useSignal } from "@preact/signals";
import { useCallback, useRef } from "preact/hooks";
import { get, withQuery } from "../../api";
import type { Event, Items, WireDetection } from "../../wire";
import { joined, type Spot, spotsOf } from "./track";

const CHUNK_MS = 60_000;
const AGAIN_MS = 2000;
const PAGE = 500;

/** The sights that are known, and what to call with each moment that is shown: it fetches those around it. */
export function useSpots(event: Event) {
  const spots = useSignal<readonly Spot[]>([]);
  const asked = useRef(new Map<number, { atMs: number; isWhole: boolean }>());
  const lastMs = Date.parse(event.last_seen_at);
  const need = useCallback(
    (wallMs: number) => {
      const first = Math.floor(Math.max(wallMs, Date.parse(event.started_at)) / CHUNK_MS);
      for (const chunk of [first, first + 1]) {
        const [from, to] = [chunk * CHUNK_MS, (chunk + 1) * CHUNK_MS];
        const before = asked.current.get(chunk);
        if (from > lastMs || before?.isWhole || Date.now() - (before?.atMs ?? 0) < AGAIN_MS) continue;
        asked.current.set(chunk, { atMs: Date.now(), isWhole: to <= lastMs || event.state !== "open" });
        void fetchSpots(event.id, from, to).then(
          (more) => {
            spots.value = joined(spots.value, more);
          },
          // It is asked for again as long as it is looked at.
          () => asked.current.set(chunk, { atMs: Date.now(), isWhole: false }),
        );
      }
    },
    [event.id, lastMs, event.state],
  );
  return { spots, need };
}

async function fetchSpots(id: string, fromMs: number, toMs: number): Promise<Spot[]> {
  const found: Spot[] = [];
  let page: string | null = null;
  do {
    const query = {
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      limit: PAGE,
      page,
    };
    const path: string = withQuery(`/events/${id}/detections`, query);
    const { data } = await get<Items<WireDetection>>(path);
    found.push(...spotsOf(data.items));
    page = data.next;
  } while (page !== null);
  return found;
}
