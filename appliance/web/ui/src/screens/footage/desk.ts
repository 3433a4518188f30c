// Everything that the screen is about: which cameras, which time is in view, what plays, what is marked.

import { batch, effect, signal } from "@preact/signals";
import { wordsOf } from "../../api";
import { announce } from "../../parts/announcer";
import { tell } from "../../parts/toasts";
import { listen } from "../../state/session";
import { count, moment } from "../../words";
import { at, type Interval, recordedBack } from "./coverage";
import { Deck } from "./deck";
import { Library } from "./library";
import { findMoment, type Kind, lastRecorded } from "./moments";
import { addressOf, type Place } from "./place";
import { Previews, type Stretch } from "./previews";
import { protect } from "./protect";
import { around, bounded, following, LEAST_SPAN_MS, msAt, revealing, spanOf, type View } from "./scale";

const FIRST_SPAN_MS = 3_600_000;
/** An event is looked at from a little before it begins. */
export const BEFORE_EVENT_MS = 1000;
const ADDRESS_EVERY_MS = 4000;
const REFRESH_EVERY_MS = 10_000;
const DAY_MS = 86_400_000;
/** So much of a bucket is recorded where nothing is missing, as it is reckoned. */
const ALL = 0.9999;

export interface Hover {
  ms: number;
  x: number;
  row: number;
  width: number;
  isScrubbing: boolean;
}

export class Desk {
  readonly cameras = signal<readonly string[]>([]);
  readonly view = signal<View>(around(Date.now(), FIRST_SPAN_MS, 0.9));
  readonly marked = signal<View | null>(null);
  readonly isMarking = signal(false);
  readonly hover = signal<Hover | null>(null);
  readonly jumpsTo = signal<Kind>("event");
  readonly held = new Library();
  readonly deck = new Deck(this.held);
  readonly previews = new Previews();
  readonly #ends: (() => void)[] = [];
  #saidAtMs = 0;
  #addressTimer = 0;
  #beforeMs = 0;
  #turn = 0;
  #going: Promise<void> = Promise.resolve();

  /** Begin to follow; returns what ends it. */
  start(): () => void {
    const refresh = setInterval(() => !document.hidden && this.held.refresh(), REFRESH_EVERY_MS);
    this.#ends.push(
      () => clearInterval(refresh),
      effect(() => this.held.want(this.cameras.value, this.view.value, this.deck.at.value)),
      effect(() => this.#follow(this.deck.at.value)),
      effect(() => this.#say()),
      listen({ message: (said) => this.held.heard(said), reset: () => this.held.expire() }),
    );
    return () => this.#end();
  }

  /** Show these cameras at this moment, or live; without one, what was recorded last. */
  async open({ cameras, atMs, isLive }: Place): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    this.cameras.value = cameras;
    if (isLive) {
      this.goLive();
      return;
    }
    const ms = atMs ?? (await lastRecorded(cameras[0]));
    // Somebody may have gone elsewhere while it was being asked for.
    if (turn !== this.#turn) return;
    this.view.value = bounded(revealing(this.view.value, ms), Date.now());
    this.deck.seek(ms);
  }

  /** Have a camera shown or not; the last one stays. */
  choose(cameraId: string, most: number): void {
    const { cameras } = this;
    if (cameras.value.includes(cameraId)) {
      if (cameras.value.length > 1) cameras.value = cameras.value.filter((id) => id !== cameraId);
    } else if (cameras.value.length < most) cameras.value = [...cameras.value, cameraId];
    else tell({ text: `At most ${count(most, "camera")} can be seen in step here.` });
  }

  /** Show one camera alone. */
  only(cameraId: string): void {
    this.cameras.value = [cameraId];
  }

  show(view: View): void {
    this.view.value = bounded(view, Date.now());
    // Another moment is under the pointer now.
    const hover = this.hover.peek();
    if (hover !== null) this.point(hover.x, hover.row, hover.width, hover.isScrubbing);
  }

  zoom(factor: number): void {
    const { view, deck } = this;
    const at = deck.at.value ?? Date.now();
    const isSeen = at >= view.value.fromMs && at <= view.value.toMs;
    const middle = isSeen ? at : (view.value.fromMs + view.value.toMs) / 2;
    const share = (middle - view.value.fromMs) / spanOf(view.value);
    this.show(around(middle, spanOf(view.value) * factor, share));
  }

  /** Show so much time around what plays. */
  zoomTo(spanMs: number): void {
    this.show(around(this.deck.at.value ?? Date.now(), spanMs, this.deck.at.value === null ? 0.9 : 0.5));
  }

  seek(ms: number): void {
    const at = Math.min(ms, Date.now());
    batch(() => {
      this.show(revealing(this.view.value, at));
      this.deck.seek(at);
    });
  }

  /** Go on or back by so much; going back into a gap leads to before it, going on past now to what is live. */
  jump(byMs: number): void {
    const from = this.deck.at.value ?? Date.now();
    const lead = this.cameras.value[0];
    const to = from + byMs;
    if (byMs >= 0 && to > Date.now() - 1000) {
      if (!this.deck.isLive.value) this.goLive();
      return;
    }
    const back = lead === undefined ? to : recordedBack(this.held.intervals(lead, to), to, Math.abs(byMs));
    this.seek(byMs < 0 ? back : to);
  }

  /** Go to the event or motion before or after what is shown; asked for again meanwhile, it goes on from there. */
  goTo(direction: 1 | -1): Promise<void> {
    this.#going = this.#going
      .then(() => this.#goTo(direction))
      .catch((problem) => void tell({ text: wordsOf(problem), tone: "bad" }));
    return this.#going;
  }

  goLive(): void {
    this.deck.goLive();
    this.show(around(Date.now(), spanOf(this.view.value), 0.9));
  }

  point(x: number, row: number, width: number, isScrubbing: boolean): void {
    const ms = msAt(this.view.value, width, Math.min(width, Math.max(0, x)));
    this.hover.value = { ms, x, row, width, isScrubbing };
    if (isScrubbing) this.deck.hold();
    const stepMs = spanOf(this.view.value) / Math.max(1, width);
    const wanted = isScrubbing ? this.cameras.value : this.cameras.value.slice(row, row + 1);
    for (const id of wanted) {
      const stretch = this.stretchAt(id, ms);
      if (stretch !== null) this.previews.want(id, ms, stepMs, stretch);
    }
  }

  /** The footage that a moment is in, as finely as the timeline shows it; null where there is none. */
  stretchAt(cameraId: string, ms: number): Stretch | null {
    for (const { intervals, buckets } of this.held.contents(cameraId, this.view.value).toReversed()) {
      const bucket = at(buckets, ms);
      // Seen from afar what one points at is a part of a bucket, not a moment.
      if (bucket !== null && bucket.recorded === 0) return null;
      if (bucket !== null)
        return { fromMs: bucket.fromMs, untilMs: bucket.recorded < ALL ? bucket.toMs : null };
      const interval = at(intervals, ms);
      if (interval !== null) return stretchOf(interval);
    }
    const interval = at(this.held.intervals(cameraId, ms), ms);
    return interval === null ? null : stretchOf(interval);
  }

  leave(): void {
    this.hover.value = null;
    this.previews.clear();
    this.deck.release();
  }

  /** Mark a time around what is shown, for fingers and keys to move its ends. */
  markHere(): void {
    const here = this.deck.at.value ?? Date.now() - 30_000;
    const half = Math.max(5000, Math.min(spanOf(this.view.value) * 0.1, 300_000));
    this.marked.value = { fromMs: here - half, toMs: Math.min(Date.now(), here + half) };
    this.isMarking.value = true;
    this.show(revealing(this.view.value, here));
  }

  /** The marked time begins or ends at what is shown. */
  markEnd(end: "fromMs" | "toMs"): void {
    const at = this.deck.at.value ?? Date.now();
    const before = this.marked.value ?? { fromMs: at, toMs: at };
    const marked = { ...before, [end]: at };
    if (marked.fromMs >= marked.toMs) {
      if (end === "fromMs") marked.toMs = at + 10_000;
      else marked.fromMs = at - 10_000;
    }
    this.marked.value = marked;
  }

  unmark(): void {
    this.marked.value = null;
    this.isMarking.value = false;
  }

  /** Protect the marked time of these cameras, or let go of it. */
  async protect(
    cameras: readonly string[],
    range: View,
    isProtected: boolean,
    canUndo: boolean,
  ): Promise<void> {
    await protect(cameras, range, isProtected, (id) => this.held.expire(id), canUndo);
  }

  async #goTo(direction: 1 | -1): Promise<void> {
    const kind = this.jumpsTo.value;
    const from = this.deck.at.value ?? Date.now();
    const found = await findMoment(kind, this.cameras.value, from, direction);
    if (found === null) {
      const where = direction < 0 ? "before" : "after";
      tell({ text: `There is no ${kind === "event" ? "event" : "motion"} ${where} this.` });
      return;
    }
    this.seek(found.ms - BEFORE_EVENT_MS);
    announce(`${moment(found.ms)}: ${found.text}`);
  }

  // What plays stays in sight, unless somebody looks elsewhere.
  #follow(ms: number | null): void {
    const before = this.#beforeMs;
    this.#beforeMs = ms ?? 0;
    if (ms === null || !this.deck.isPlaying.peek() || this.hover.peek()?.isScrubbing) return;
    const view = this.view.peek();
    const next = following(view, ms, before);
    if (next !== view) this.view.value = next;
  }

  // The address is kept so that a reload and a link show the same; while it plays only now and then.
  #say(): void {
    const isPlaying = this.deck.isPlaying.value && !this.deck.isLive.value;
    void this.deck.at.value;
    if (this.cameras.value.length === 0) return;
    const waitMs = isPlaying ? Math.max(300, this.#saidAtMs + ADDRESS_EVERY_MS - Date.now()) : 300;
    if (this.#addressTimer !== 0 && isPlaying) return;
    clearTimeout(this.#addressTimer);
    this.#addressTimer = window.setTimeout(() => this.#write(), waitMs);
  }

  #write(): void {
    this.#addressTimer = 0;
    this.#saidAtMs = Date.now();
    const { at: shownMs, isLive } = this.deck;
    const place = { cameras: [...this.cameras.peek()], atMs: shownMs.peek(), isLive: isLive.peek() };
    if (location.pathname === "/footage") history.replaceState(history.state, "", addressOf(place));
  }

  #end(): void {
    clearTimeout(this.#addressTimer);
    for (const end of this.#ends.splice(0)) end();
    this.#turn += 1;
    this.previews.clear();
    this.held.close();
    this.deck.close();
  }
}

// Times come cut to milliseconds: what begins there may begin a little later.
const stretchOf = ({ state, fromMs }: Interval): Stretch | null =>
  state === "recorded" ? { fromMs: fromMs + 1, untilMs: null } : null;

/** The spans that one can choose by name. */
export const SPANS: readonly (readonly [number, string])[] = [
  [LEAST_SPAN_MS, "1 min"],
  [600_000, "10 min"],
  [FIRST_SPAN_MS, "1 h"],
  [6 * FIRST_SPAN_MS, "6 h"],
  [DAY_MS, "Day"],
  [7 * DAY_MS, "Week"],
  [31 * DAY_MS, "Month"],
];
