// The events before and after one, in the order of the feed and with its filter.

import { get, withQuery } from "../../api";
import type { Event, Items } from "../../wire";
import { comesBefore } from "../events/event_store";

const KEPT = ["camera", "label", "severity", "state", "reviewed", "batch"] as const;
const MINUTE_MS = 60_000;
const PAGE = 50;
// Times are said to the millisecond, and rounded: an event may have begun a little before or after what is said of it.
const ROUNDED_MS = 1;

/** Looks for an event's neighbour on one side; null where there is none. */
export type Find = (event: Event, search: string) => Promise<Event | null>;

/** Those of the feed's filters that say which events these are. */
export function filterOf(search: string): Record<string, string[]> {
  const given = new URLSearchParams(search);
  return Object.fromEntries(KEPT.map((name) => [name, given.getAll(name)]));
}

/** The next one down the feed. */
export async function olderThan(event: Event, search: string): Promise<Event | null> {
  const to = iso(Date.parse(event.started_at) + ROUNDED_MS);
  let isPast = false;
  for (let page: string | null = null; ; ) {
    const { items, next } = await listed(search, { to, page });
    const at = items.findIndex((one) => one.id === event.id);
    // It need not be there: its filter may not want it any more.
    const found = at >= 0 ? items[at + 1] : items.find((one) => isPast || comesBefore(event, one));
    if (found !== undefined || next === null) return found ?? null;
    isPast ||= at >= 0;
    page = next;
  }
}

/**
 * The next one up the feed. Lists come newest first, hence it is looked for in a span after it, which becomes longer
 * while there is nothing in it, and shorter while there is too much.
 */
export async function newerThan(event: Event, search: string, now = Date.now()): Promise<Event | null> {
  const begin = Date.parse(event.started_at);
  const from = iso(begin - ROUNDED_MS);
  let emptyMs = 0;
  for (let spanMs = 10 * MINUTE_MS; ; ) {
    const isLast = begin + spanMs > now;
    const asked = { from, to: isLast ? null : iso(begin + spanMs) };
    const { items, next } = await listed(search, asked);
    if (next === null) {
      const found = justBefore(items, event);
      if (found !== null || isLast) return found;
      emptyMs = spanMs;
      spanMs *= 12;
    } else if (spanMs - emptyMs > ROUNDED_MS) {
      spanMs = Math.ceil((emptyMs + Math.min(spanMs, Math.max(now - begin, 0))) / 2);
    } else {
      return justBefore([...items, ...(await rest(search, asked, next))], event);
    }
  }
}

// The one above an event in a list; where it is not there, the last one above its place.
function justBefore(items: readonly Event[], event: Event): Event | null {
  const at = items.findIndex((one) => one.id === event.id);
  return (at >= 0 ? items[at - 1] : items.findLast((one) => comesBefore(one, event))) ?? null;
}

async function rest(
  search: string,
  asked: Record<string, string | null>,
  first: string | null,
): Promise<Event[]> {
  const found: Event[] = [];
  for (let page = first; page !== null; ) {
    const { items, next } = await listed(search, { ...asked, page });
    found.push(...items);
    page = next;
  }
  return found;
}

async function listed(search: string, asked: Record<string, string | null>): Promise<Items<Event>> {
  const path = withQuery("/events", { ...filterOf(search), ...asked, limit: PAGE });
  return (await get<Items<Event>>(path)).data;
}

const iso = (ms: number) => new Date(ms).toISOString();

/** Going from event to event: a press goes on from where those before it lead, though they are not there yet. */
export class Steps {
  #ahead: Event | null = null;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** Where one is led to, as it was listed: it is shown at once. */
  known(id: string): Event | null {
    return this.#ahead?.id === id ? this.#ahead : null;
  }

  /** The neighbour of where one will be after the presses before; `skips` those that are not shown. */
  go(from: Event, find: Find, search: string, skips: (id: string) => boolean): Promise<Event | null> {
    const isFirst = this.#waiting === 0;
    this.#waiting += 1;
    const work = this.#last
      .then(async () => {
        let at = isFirst ? from : (this.#ahead ?? from);
        for (;;) {
          const found = await find(at, search);
          if (found !== null && skips(found.id)) at = found;
          else {
            if (found !== null) this.#ahead = found;
            return found;
          }
        }
      })
      .finally(() => {
        this.#waiting -= 1;
      });
    this.#last = work.catch(() => null);
    return work;
  }
}
