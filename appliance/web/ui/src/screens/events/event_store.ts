// The events that are shown, newest first: pages come in below, messages change them everywhere.

import type { Event } from "../../wire";
import { type EventFilter, matches } from "./filter";
import type { Head } from "./rows";

/** An event as a row: its times, read once since there may be a hundred thousand, and the cursor of what is known of it. */
export interface Entry {
  readonly kind: "event";
  readonly key: string;
  readonly event: Event;
  readonly startMs: number;
  readonly endMs: number;
  readonly cursor: number;
  /** The head that it stood right under when it was last shown. */
  head: Head | null;
}

const entryOf = (event: Event, cursor: number): Entry => ({
  kind: "event",
  key: event.id,
  event,
  startMs: Date.parse(event.started_at),
  endMs: Date.parse(event.ended_at ?? event.last_seen_at),
  cursor,
  head: null,
});

/**
 * Every method says whether anything changed. What is known of an event is never replaced by something older, in
 * whatever order pages, messages and answers arrive.
 */
export class EventStore {
  #entries: Entry[] = [];
  #byId = new Map<string, Entry>();
  // What messages said since a page was asked for: the page may be older than they are.
  #said: (() => void)[] | null = null;
  #isComplete = false;
  // The oldest event that was fetched, though it may have gone meanwhile: what is older comes with the next page.
  #oldest: Event | null = null;

  /** Every label that was seen here. */
  readonly labels = new Set<string>();

  constructor(readonly filter: EventFilter) {}

  /** Newest first; ids break ties, as the server does it. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Whether the oldest event that matches is here. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  get(id: string): Event | undefined {
    return this.#byId.get(id)?.event;
  }

  /** Take what is known of an event at a cursor; it comes in, changes or goes as the filter has it. */
  put(event: Event, cursor: number): boolean {
    this.#said?.push(() => this.#put(event, cursor));
    return this.#put(event, cursor);
  }

  /** An event is gone. */
  remove(id: string): boolean {
    this.#said?.push(() => this.#remove(id));
    return this.#remove(id);
  }

  /** A page is being asked for: from here on messages are kept for it. */
  expectPage(): void {
    this.#said = [];
  }

  /** It did not come. */
  forgetPage(): void {
    this.#said = null;
  }

  /** Take the next older page, as it was at a cursor. */
  addPage(events: readonly Event[], cursor: number, isLast: boolean): void {
    const said = this.#said ?? [];
    this.#said = null;
    this.#isComplete = isLast;
    this.#oldest = events.at(-1) ?? this.#oldest;
    for (const event of events) this.#take(event, cursor);
    for (const again of said) again();
  }

  #put(event: Event, cursor: number): boolean {
    const known = this.#byId.get(event.id);
    if (known !== undefined && known.cursor > cursor) return false;
    if (!matches(this.filter, event)) return this.#remove(event.id);
    if (known === undefined && this.#isBeyond(event)) return false;
    this.#take(event, cursor);
    return true;
  }

  #isBeyond(event: Event): boolean {
    return !this.#isComplete && (this.#oldest === null || comesBefore(this.#oldest, event));
  }

  #take(event: Event, cursor: number): void {
    const known = this.#byId.get(event.id);
    if (known !== undefined && known.cursor > cursor) return;
    const entry = entryOf(event, cursor);
    this.labels.add(event.label);
    this.#byId.set(event.id, entry);
    if (known === undefined) this.#entries.splice(this.#placeOf(event), 0, entry);
    else if (known.event.started_at === event.started_at) this.#entries[this.#placeOf(event)] = entry;
    else {
      this.#entries.splice(this.#placeOf(known.event), 1);
      this.#entries.splice(this.#placeOf(event), 0, entry);
    }
  }

  #remove(id: string): boolean {
    const known = this.#byId.get(id);
    if (known === undefined) return false;
    this.#byId.delete(id);
    this.#entries.splice(this.#placeOf(known.event), 1);
    return true;
  }

  // The index of the first entry that does not come before the event.
  #placeOf(event: Event): number {
    let [low, high] = [0, this.#entries.length];
    // Pages come in order: at the end.
    const last = this.#entries[high - 1];
    if (last !== undefined && comesBefore(last.event, event)) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      const there = this.#entries[middle];
      if (there !== undefined && comesBefore(there.event, event)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Whether one event stands above another in the feed. */
export function comesBefore(one: Event, other: Event): boolean {
  if (one.started_at !== other.started_at) return one.started_at > other.started_at;
  return one.id > other.id;
}
