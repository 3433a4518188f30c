// The events before and after one, in the order of the feed and with its filter.

import { get, withQuery } from "../../api";
import type { Event, Items } from "../../wire";

const KEPT = ["camera", "label", "severity", "state", "reviewed", "batch"] as const;
const MINUTE_MS = 60_000;
const PAGE = 500;

/** Those of the feed's filters that say which events these are. */
export function filterOf(search: string): Record<string, string[]> {
  const given = new URLSearchParams(search);
  return Object.fromEntries(KEPT.map((name) => [name, given.getAll(name)]));
}

/** The next one down the feed: the newest that began before. */
export async function olderThan(event: Event, search: string): Promise<string | null> {
  const path = withQuery("/events", { ...filterOf(search), to: event.started_at, limit: 1 });
  return (await get<Items<Event>>(path)).data.items[0]?.id ?? null;
}

/** The next one up the feed. Lists come newest first, hence it is looked for in spans that become longer. */
export async function newerThan(event: Event, search: string, now = Date.now()): Promise<string | null> {
  const begin = Date.parse(event.started_at);
  for (let span = 10 * MINUTE_MS; ; span *= 12) {
    const to = begin + span;
    const found = await oldestIn(event, to > now ? null : new Date(to).toISOString(), search);
    if (found !== null || to > now) return found;
  }
}

async function oldestIn(event: Event, to: string | null, search: string): Promise<string | null> {
  let found: string | null = null;
  let page: string | null = null;
  do {
    const query = { ...filterOf(search), from: event.started_at, to, limit: PAGE, page };
    const path: string = withQuery("/events", query);
    const { items, next } = (await get<Items<Event>>(path)).data;
    found = items.findLast((one) => one.id !== event.id)?.id ?? found;
    page = next;
  } while (page !== null);
  return found;
}
