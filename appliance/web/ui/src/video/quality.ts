// Which of a camera's two streams fits through this browser's connection. Times are in ms, of any clock that only goes
// forward; whoever uses it asks it every now and then.

import { Course, type Patience } from "./course";

/** `main` is the whole picture, `small` that of the camera's second address. */
export type Stream = "main" | "small";

/** What somebody wants to see; `auto` leaves it to the connection. */
export type Wish = "auto" | "full" | "small";

// A whole picture that ran so long has shown that the connection is mended.
const HOLDS_AFTER_MS = 60_000;
// The whole picture is tried out of sight before it replaces the small one.
const TRIED_FOR_MS = 4000;
const GIVEN_UP_AFTER_MS = 15_000;
const NO_SMALL_FOR_MS = 60_000;
// What was chosen by hand comes even where it has nothing to show but the reason.
const CHOSEN_AFTER_MS = 5000;

/** Decides what is shown of one camera, and what is prepared out of sight to be shown next. */
export class Quality {
  #shown: Stream;
  #coming: Stream | null = null;
  #wish: Wish;
  #isSlow: boolean;
  #noSmallBeforeMs = Number.NEGATIVE_INFINITY;
  readonly #courses = new Map<Stream, Course>();

  constructor(
    wish: Wish,
    nowMs: number,
    private readonly patience: Patience,
  ) {
    this.#wish = wish;
    this.#isSlow = wish === "auto" && patience.isWaiting(nowMs);
    this.#shown = wish === "small" || this.#isSlow ? "small" : "main";
    this.#courses.set(this.#shown, new Course(nowMs));
  }

  get shown(): Stream {
    return this.#shown;
  }

  /** What is connected beside it, not in sight yet. */
  get coming(): Stream | null {
    return this.#coming;
  }

  /** Whether the small picture is shown since the whole one did not fit. */
  get isSlow(): boolean {
    return this.#isSlow;
  }

  /** Somebody chooses. */
  choose(wish: Wish, nowMs: number): void {
    if (wish === this.#wish) return;
    this.#wish = wish;
    this.#isSlow = wish === "auto" && this.#shown === "small" && this.patience.isWaiting(nowMs);
    const course = this.#courses.get(this.#shown);
    // What is on its way and still wanted stays: that it plays is said only once.
    if (course === undefined || !this.#isUnwanted(course, nowMs)) this.#drop();
    this.look(nowMs);
  }

  /** A picture has come that was taken so long ago, by clocks that may differ. */
  arrived(stream: Stream, ageMs: number, nowMs: number): void {
    this.#courses.get(stream)?.arrived(ageMs, nowMs);
  }

  /** The box had to leave pictures out, or they stood still for long. */
  behind(stream: Stream, nowMs: number): void {
    this.#courses.get(stream)?.sign(nowMs);
  }

  /** It plays, or does not any more. */
  plays(stream: Stream, doesPlay: boolean, nowMs: number): void {
    if (doesPlay) this.#courses.get(stream)?.plays(nowMs);
    else this.#courses.get(stream)?.stops(nowMs);
  }

  /** Nobody looks, or the camera sends nothing: what happens now says nothing of the connection. */
  rest(nowMs: number): void {
    this.#drop();
    this.#courses.get(this.#shown)?.excuse(nowMs);
  }

  /** Time has passed. */
  look(nowMs: number): void {
    const course = this.#courses.get(this.#shown);
    if (course === undefined) return;
    if (this.#coming !== null) this.#await(this.#coming, course, nowMs);
    else if (this.#isUnwanted(course, nowMs)) this.#bring(nowMs);
    else if (this.#shown === "main" && course.smoothMs(nowMs) >= HOLDS_AFTER_MS) this.patience.forget();
  }

  /** Whether the other stream is to take the place of the one that is shown. */
  #isUnwanted(course: Course, nowMs: number): boolean {
    if (this.#wish !== "auto")
      return this.#wish === "small" ? this.#shown === "main" : this.#shown === "small";
    if (this.#shown === "main") return nowMs >= this.#noSmallBeforeMs && course.doesNotFit(nowMs);
    if (this.patience.isWaiting(nowMs)) return false;
    return (
      !this.#isSlow || course.silentMs(nowMs) >= GIVEN_UP_AFTER_MS || this.patience.isOver(course, nowMs)
    );
  }

  #bring(nowMs: number): void {
    this.#coming = this.#shown === "main" ? "small" : "main";
    this.#courses.set(this.#coming, new Course(nowMs));
  }

  #drop(): void {
    if (this.#coming !== null) this.#courses.delete(this.#coming);
    this.#coming = null;
  }

  #await(coming: Stream, shown: Course, nowMs: number): void {
    const course = this.#courses.get(coming);
    if (course === undefined) return;
    const waitedMs = nowMs - course.sinceMs;
    const isTrial = this.#isSlow && shown.isPlaying;
    const isThere = isTrial ? course.smoothMs(nowMs) >= TRIED_FOR_MS : course.isPlaying;
    if (isThere || (this.#wish !== "auto" && waitedMs >= CHOSEN_AFTER_MS)) this.#show(coming, nowMs);
    else if (waitedMs >= GIVEN_UP_AFTER_MS || (isTrial && course.doesNotFit(nowMs)))
      this.#giveUp(coming, shown, nowMs);
  }

  #show(stream: Stream, nowMs: number): void {
    this.#courses.delete(this.#shown);
    this.#shown = stream;
    this.#coming = null;
    this.#isSlow = stream === "small" && this.#wish === "auto";
    if (this.#isSlow) this.patience.failed(nowMs);
  }

  #giveUp(coming: Stream, shown: Course, nowMs: number): void {
    this.#drop();
    if (coming === "main") this.patience.failed(nowMs);
    else {
      this.#noSmallBeforeMs = nowMs + NO_SMALL_FOR_MS;
      shown.forgive();
    }
  }
}
