// What is played next: windows of a camera's footage, on over gaps and into what is being recorded; or a clip.

import { get, picture, Refusal } from "../api";
import type { Footage, FootageInterval } from "../wire";
import { intervalWords } from "./causes";
import { endOf, JoinedPlaylist, readPlaylist } from "./joined_playlist";

/** What is played: a camera's footage from a moment on, over gaps and into what is being recorded; or a clip. */
export type Source = { cameraId: string; fromMs: number } | { eventId: string; fromMs?: number };

const WINDOW_MS = 600_000;
const DAY_MS = 86_400_000;
// A player reads the whole list again and again: after two hours another one is begun.
const LONGEST_S = 7200;
const SLACK_MS = 500;
const EDGE_MS = 60_000;
const MOST_STEPS = 20;

const iso = (ms: number) => new Date(Math.round(ms)).toISOString();

/** How a look for more went: `grew`, `waits` for what is being recorded, or `ended`. */
type Course = "grew" | "waits" | "ended";

/** The footage of one source, fetched window by window as it is needed. */
export class FootageFeed {
  readonly list: JoinedPlaylist;
  /** From when until when there is something, as far as was seen: a list may be a part of it. */
  span: { fromMs: number; toMs: number } | null = null;
  /** Nothing more will come: the clip is through, or nothing was recorded for a while. */
  isEnded = false;
  /** There is more, but it begins another list. */
  isCut = false;
  #cause = "";
  readonly #fromMs: number;
  #cursorMs: number;
  #stop = new AbortController();

  constructor(
    readonly source: Source,
    private readonly now: () => number = Date.now,
  ) {
    this.#fromMs = source.fromMs ?? 0;
    this.#cursorMs = Math.floor(this.#fromMs / WINDOW_MS) * WINDOW_MS;
    this.list = new JoinedPlaylist(this.#fromMs);
  }

  close(): void {
    this.#stop.abort();
  }

  /** Why there is nothing at the moment that was asked for, nor later. */
  get why(): string {
    if (this.#fromMs > this.now()) return "This is yet to come.";
    return this.#cause === "" ? "Nothing was recorded here." : `${this.#cause}.`;
  }

  get isClosed(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Fetch until there is something to show at or after the moment that was asked for, or until it is known that
   * there is nothing. Throws a `Refusal`. */
  async begin(): Promise<void> {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const isThere = this.list.endMs !== null && this.list.endMs > this.#fromMs;
      if (isThere || this.isEnded || (await this.extend()) === "waits") return;
    }
  }

  /** Look for more after the end. Throws a `Refusal`. */
  async extend(): Promise<Course> {
    if (this.isEnded) return "ended";
    const course = "eventId" in this.source ? await this.#clip(this.source.eventId) : await this.#window();
    this.isCut = this.list.isCut || (course === "grew" && this.list.seconds > LONGEST_S);
    if (course === "ended" || this.isCut) this.isEnded = true;
    return course;
  }

  async #clip(eventId: string): Promise<Course> {
    const { pieces, ended } = await this.#fetch(`/events/${eventId}/clip.m3u8`);
    const count = this.list.add(pieces);
    if (ended) return "ended";
    return count > 0 ? "grew" : "waits";
  }

  async #window(): Promise<Course> {
    const cameraId = "cameraId" in this.source ? this.source.cameraId : "";
    const from = Math.max(this.#cursorMs, this.list.endMs ?? 0);
    const path = `/cameras/${encodeURIComponent(cameraId)}/footage.m3u8?from=${iso(from)}&to=${iso(from + WINDOW_MS)}`;
    const { pieces, ended } = await this.#fetch(path);
    const count = this.list.add(pieces);
    if (count > 0) return "grew";
    return ended ? this.#over(cameraId, Math.max(from, this.#fromMs)) : "waits";
  }

  // Nothing comes right after this moment: a gap, the newest footage, or what cannot be played.
  async #over(cameraId: string, ms: number): Promise<Course> {
    const isNew = this.now() - ms < EDGE_MS;
    const found = await this.#recordedAfter(cameraId, ms + SLACK_MS);
    if (found === null) return isNew && this.list.pieces.length > 0 ? "waits" : "ended";
    const at = Date.parse(found.from);
    if (at > ms + 2 * SLACK_MS) this.#cursorMs = at;
    else if (isNew) return "waits";
    else this.#cursorMs = Math.min(Date.parse(found.to), ms + WINDOW_MS);
    return "grew";
  }

  async #recordedAfter(cameraId: string, ms: number): Promise<FootageInterval | null> {
    let length = DAY_MS;
    for (let from = ms; from < this.now(); from += length, length = 7 * DAY_MS) {
      const path = `/cameras/${encodeURIComponent(cameraId)}/footage?from=${iso(from)}&to=${iso(from + length)}`;
      const { items } = (await get<Footage>(path, this.#stop.signal)).data;
      const [first] = items;
      if (this.#cause === "" && first !== undefined && first.state !== "recorded")
        this.#cause = intervalWords(first);
      const found = items.find((one) => one.state === "recorded");
      if (found !== undefined) return found;
    }
    return null;
  }

  async #fetch(path: string) {
    const text = await (await picture(path, this.#stop.signal)).text();
    const list = readPlaylist(text, new URL(`/api/v1${path}`, location.href).href);
    const [first, last] = [list.pieces[0], list.pieces.at(-1)];
    if (first !== undefined && last !== undefined) {
      const fromMs = Math.min(first.startMs, this.span?.fromMs ?? first.startMs);
      this.span = { fromMs, toMs: Math.max(endOf(last), this.span?.toMs ?? 0) };
    }
    return list;
  }
}

/** Whether asking again a little later may help. */
export const isPassing = (problem: unknown) =>
  problem instanceof Refusal && (problem.status === 0 || problem.status === 503);
