// The feed behind the screen: its events and their batches, page by page, and kept right by messages.

import { type Answer, get, withQuery } from "../../api";
import type { Message } from "../../messages";
import type { Batch, Event, Items } from "../../wire";
import { EventStore } from "./event_store";
import { addressOf, type EventFilter } from "./filter";

// Small at first, so that something is there at once; whoever goes on and on gets more at a time.
const FIRST_PAGE = 60;
const MOST_ON_PAGE = 500;
// A batch is closed after ten minutes; its first event is no older than that.
const LONGEST_BATCH_MS = 11 * 60_000;
const MOST_BATCHES = 500;

/** What has come in by itself: told to whoever hears the page, and counted for whoever reads further down. */
export type OnNews = (event: Event) => void;

export class Feed {
  readonly store: EventStore;
  readonly batches = new Map<string, Batch>();
  #batchCursors = new Map<string, number>();
  #next: string | null = null;
  #isAsking = false;
  #pageSize = FIRST_PAGE;

  constructor(
    readonly filter: EventFilter,
    public changed: () => void,
  ) {
    this.store = new EventStore(filter);
  }

  /** Fetch the newest page; returns the cursor up to which messages are contained in it. */
  async begin(signal: AbortSignal): Promise<number> {
    const answer = await this.#page(this.#pageSize, undefined, signal);
    return answer.cursor;
  }

  /** Fetch the next older page, unless that is under way or there is none. */
  async more(): Promise<void> {
    if (this.#isAsking || this.#next === null) return;
    this.#isAsking = true;
    this.#pageSize = Math.min(MOST_ON_PAGE, 2 * this.#pageSize);
    this.store.expectPage();
    try {
      await this.#page(this.#pageSize, this.#next);
    } catch (problem) {
      this.store.forgetPage();
      throw problem;
    } finally {
      this.#isAsking = false;
    }
    this.changed();
  }

  async #page(limit: number, page?: string, signal?: AbortSignal): Promise<Answer<Items<Event>>> {
    const more = page === undefined ? { limit } : { limit, page };
    const answer = await get<Items<Event>>(addressOf("/events", this.filter, more), signal);
    // The heads come with their events: one that came later would push them down.
    await this.#fetchBatches(answer.data.items, signal);
    this.#next = answer.data.next;
    this.store.addPage(answer.data.items, answer.cursor, this.#next === null);
    return answer;
  }

  async #fetchBatches(events: readonly Event[], signal?: AbortSignal): Promise<void> {
    const [newest, oldest] = [events[0], events.at(-1)];
    if (newest === undefined || oldest === undefined) return;
    const range = {
      from: new Date(Date.parse(oldest.started_at) - LONGEST_BATCH_MS).toISOString(),
      to: new Date(Date.parse(newest.started_at) + 1).toISOString(),
    };
    try {
      const path = withQuery("/batches", { ...range, camera: this.filter.camera, limit: MOST_BATCHES });
      const { data, cursor } = await get<Items<Batch>>(path, signal);
      const wanted = new Set(events.map((event) => event.batch_id));
      for (const batch of data.items) if (wanted.has(batch.id)) this.#putBatch(batch, cursor);
    } catch (problem) {
      if (signal?.aborted) throw problem;
      // A head without its batch says what its events have in common.
    }
  }

  #putBatch(batch: Batch, cursor: number): boolean {
    if ((this.#batchCursors.get(batch.id) ?? 0) > cursor) return false;
    this.#batchCursors.set(batch.id, cursor);
    this.batches.set(batch.id, batch);
    return true;
  }

  /** Take what the server answered of an event. */
  take(event: Event, cursor: number): void {
    if (this.store.put(event, cursor)) this.changed();
  }

  /** Take a message; an event that has come in by itself is told as news. */
  apply(said: Message, news: OnNews): void {
    if (this.#apply(said, said.cursor ?? 0, news)) this.changed();
  }

  #apply(said: Message, cursor: number, news: OnNews): boolean {
    switch (said.type) {
      case "event_created":
      case "event_updated": {
        const isKnown = this.store.get(said.data.id) !== undefined;
        const hasChanged = this.store.put(said.data, cursor);
        const isNew = said.type === "event_created" || said.data.state === "open";
        if (!isKnown && hasChanged && isNew) news(said.data);
        return hasChanged;
      }
      case "event_deleted":
        return this.store.remove(said.data.id);
      case "batch_created":
      case "batch_updated":
      case "batch_completed":
        return this.#putBatch(said.data, cursor);
      default:
        return false;
    }
  }
}
