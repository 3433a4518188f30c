// Fetches what the timeline shows, and keeps it: the middle of the view first, what is no longer wanted not at all.

import { signal } from "@preact/signals";
import { Refusal, wordsOf } from "../../api";
import type { Message } from "../../messages";
import { type Interval, joined, type Mark, markOf } from "./coverage";
import { type Content, EMPTY, type Job, jobsOf } from "./fetching";
import { spanOf, type View } from "./scale";
import { EXACT, indexesOf, LEVELS, type Level, levelOf, type Place, Tiles } from "./tiles";

const AT_ONCE = 3;
const SETTLE_MS = 120;
const RETRY_MS = 3000;

/** The footage of all cameras, as far as somebody looked at it. */
export class Library {
  /** Counts the changes: whoever reads it is shown anew. */
  readonly changes = signal(0);
  /** Why something could not be fetched, in words; else empty. */
  readonly problem = signal("");
  readonly #tiles = new Tiles<Content>();
  readonly #running = new Map<string, AbortController>();
  #wanted: { cameras: readonly string[]; view: View; atMs: number | null } | null = null;
  #timer = 0;
  #notBeforeMs = 0;

  /** Have what is needed for this view, and for the moment that is played. */
  want(cameras: readonly string[], view: View, atMs: number | null): void {
    this.#wanted = { cameras, view, atMs };
    // While something plays or is dragged this comes with every picture: what was asked for last counts.
    if (this.#timer === 0) this.#again(SETTLE_MS);
  }

  /** What there is of a camera for this view: at its level, and from the others where that is not there yet. */
  contents(cameraId: string, view: View): Content[] {
    const wanted = levelOf(view);
    const levels = [wanted, ...LEVELS.filter((one) => one !== wanted)];
    const found = this.#at(levels[0] as Level, cameraId, view);
    if (found.isWhole) return found.contents;
    const others = levels.slice(1).flatMap((level) => this.#at(level, cameraId, view).contents);
    return [...others, ...found.contents];
  }

  /** The exact intervals of a camera around a moment, or a time, joined; as far as they are there. */
  intervals(cameraId: string, fromMs: number, toMs = fromMs): Interval[] {
    const found: Interval[] = [];
    const last = Math.floor(toMs / EXACT.tileMs) + 1;
    for (let i = Math.floor(fromMs / EXACT.tileMs) - 1; i <= last; i += 1)
      found.push(...(this.#exact(cameraId, i)?.intervals ?? []));
    return joined(found);
  }

  /** Whether the exact intervals of all of a time are there. */
  isWhole(cameraId: string, fromMs: number, toMs: number): boolean {
    for (let i = Math.floor(fromMs / EXACT.tileMs); i * EXACT.tileMs < toMs; i += 1)
      if (this.#exact(cameraId, i) === null) return false;
    return true;
  }

  /** The events of a camera in a time, in order; as far as they are there. */
  marks(cameraId: string, fromMs: number, toMs: number): Mark[] {
    const found: Mark[] = [];
    for (let i = Math.floor(fromMs / EXACT.tileMs) - 1; i * EXACT.tileMs <= toMs; i += 1)
      found.push(...(this.#exact(cameraId, i)?.marks ?? []));
    return found.filter((one) => one.toMs >= fromMs && one.fromMs <= toMs);
  }

  /** Have a camera's tiles fetched anew, since something of it was changed here. */
  expire(cameraId?: string): void {
    this.#tiles.expire(cameraId);
    this.#again(0);
  }

  /** Take a message: events come and change without asking. */
  heard(said: Message): void {
    if (said.type !== "event_created" && said.type !== "event_updated" && said.type !== "event_deleted")
      return;
    const { camera_id, id } = said.data;
    const mark = said.type === "event_deleted" ? null : markOf(said.data);
    const ms = mark?.fromMs ?? Date.now();
    if (mark === null) this.expire(camera_id);
    else
      this.#tiles.change(placeOf(camera_id, EXACT, ms), (data) => ({
        ...data,
        marks: withMark(data.marks, mark, id),
      }));
    this.changes.value += 1;
  }

  /** Look again at what is shown: time goes on. */
  refresh(): void {
    this.#again(0);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#wanted = null;
    for (const one of this.#running.values()) one.abort();
  }

  #exact(cameraId: string, index: number): Content | null {
    return this.#tiles.get({ cameraId, level: EXACT, index });
  }

  #at(level: Level, cameraId: string, view: View): { contents: Content[]; isWhole: boolean } {
    // A minute's view needs no tile of a month, and a month's view not hundreds of exact ones.
    if (spanOf(view) / level.tileMs > 40) return { contents: [], isWhole: false };
    const found = indexesOf(level, view, Date.now()).map((index) =>
      this.#tiles.get({ cameraId, level, index }),
    );
    const contents = found.filter((one) => one !== null);
    return { contents, isWhole: contents.length === found.length };
  }

  #again(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      this.#work();
    }, ms);
  }

  #work(): void {
    if (this.#wanted === null) return;
    const { cameras, view, atMs } = this.#wanted;
    const nowMs = Date.now();
    if (nowMs < this.#notBeforeMs) {
      this.#again(this.#notBeforeMs - nowMs);
      return;
    }
    const level = levelOf(view);
    const wanted = indexesOf(level, view, nowMs).flatMap((index) => jobsOf(cameras, level, index));
    if (atMs !== null) wanted.push(...jobsOf(cameras, EXACT, Math.floor(atMs / EXACT.tileMs)));
    const keys = new Set(wanted.map((one) => one.key));
    for (const [key, stop] of this.#running) if (!keys.has(key)) stop.abort();
    for (const job of wanted) {
      if (this.#running.size >= AT_ONCE) break;
      if (this.#running.has(job.key)) continue;
      if (job.places.some((place) => this.#tiles.isDue(place, nowMs))) void this.#fetch(job);
    }
    // What could not be fetched is no longer looked at.
    if (this.#running.size === 0) this.problem.value = "";
  }

  async #fetch(job: Job): Promise<void> {
    const stop = new AbortController();
    this.#running.set(job.key, stop);
    const turn = this.#tiles.begin();
    try {
      const contents = await job.fetch(stop.signal);
      for (const [i, place] of job.places.entries())
        this.#tiles.put(place, turn, contents[i] ?? EMPTY, Date.now());
      this.problem.value = "";
      this.changes.value += 1;
    } catch (problem) {
      if (!stop.signal.aborted) this.#failed(problem);
    } finally {
      if (this.#running.get(job.key) === stop) this.#running.delete(job.key);
      this.#work();
    }
  }

  #failed(problem: unknown): void {
    const isGone = problem instanceof Refusal && problem.status === 404;
    this.problem.value = isGone ? "There is no such camera, or its footage is not known." : wordsOf(problem);
    this.#notBeforeMs = Date.now() + RETRY_MS;
  }
}

const placeOf = (cameraId: string, level: Level, ms: number): Place => ({
  cameraId,
  level,
  index: Math.floor(ms / level.tileMs),
});

function withMark(marks: readonly Mark[], mark: Mark, id: string): Mark[] {
  return [...marks.filter((one) => one.id !== id), mark].sort((one, other) => one.fromMs - other.fromMs);
}
