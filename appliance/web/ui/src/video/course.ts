// How a stream comes through the connection, and how long one that did not fit is not tried again. Times are in ms.

// One hiccup is no slow connection: it takes two signs of it, or pictures that stay late.
const SIGNS = 2;
const SIGNS_WITHIN_MS = 20_000;
const SAME_SIGN_MS = 1000;
const LATE_MS = 1500;
const LATE_FOR_MS = 2500;
// The least age of so long counts, up to twice that.
const LEAST_FOR_MS = 60_000;
// Between two pictures their age grows by no more than the time between them, or a clock was set.
const CLOCK_SET_MS = 1000;

// How long the small picture has to run smoothly before the whole one is tried again: the first time, and later.
const PATIENCE_MS = [20_000, 60_000, 300_000] as const;

/**
 * How late pictures come. The clocks of box and browser may differ, drift apart and be set, so an age counts only
 * against the least one of late.
 */
class Ages {
  #least = Number.POSITIVE_INFINITY;
  #leastBefore = Number.POSITIVE_INFINITY;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #last: { ageMs: number; nowMs: number } | null = null;

  lateMs(ageMs: number, nowMs: number): number {
    const last = this.#last;
    if (last !== null && ageMs - last.ageMs > nowMs - last.nowMs + CLOCK_SET_MS) this.forget();
    this.#last = { ageMs, nowMs };
    if (nowMs - this.#sinceMs >= LEAST_FOR_MS) {
      this.#leastBefore = this.#least;
      this.#least = Number.POSITIVE_INFINITY;
      this.#sinceMs = nowMs;
    }
    this.#least = Math.min(this.#least, ageMs);
    return ageMs - Math.min(this.#least, this.#leastBefore);
  }

  forget(): void {
    this.#least = this.#leastBefore = Number.POSITIVE_INFINITY;
    this.#last = null;
  }
}

/** How one stream has come since somebody began to watch it. */
export class Course {
  readonly sinceMs: number;
  #playsSinceMs: number | null = null;
  #silentSinceMs: number;
  #signs: readonly number[] = [];
  readonly #ages = new Ages();
  #lateSinceMs: number | null = null;

  constructor(nowMs: number) {
    this.sinceMs = this.#silentSinceMs = nowMs;
  }

  get isPlaying(): boolean {
    return this.#playsSinceMs !== null;
  }

  plays(nowMs: number): void {
    this.#playsSinceMs ??= nowMs;
  }

  /** What comes after that is a connection of its own; whether that is late as well, its first picture says. */
  stops(nowMs: number): void {
    if (this.isPlaying) this.#silentSinceMs = nowMs;
    this.#playsSinceMs = null;
    this.#ages.forget();
  }

  /** A picture has come, so old by clocks that may differ. */
  arrived(ageMs: number, nowMs: number): void {
    if (this.#ages.lateMs(ageMs, nowMs) < LATE_MS) this.#lateSinceMs = null;
    else this.#lateSinceMs ??= nowMs;
  }

  /** Something has shown that it is too much for the connection. */
  sign(nowMs: number): void {
    const last = this.#signs.at(-1);
    if (last !== undefined && nowMs - last < SAME_SIGN_MS) return;
    this.#signs = [...this.#signs, nowMs].slice(-SIGNS);
  }

  forgive(): void {
    this.#signs = [];
    this.#lateSinceMs = null;
    this.#ages.forget();
  }

  /** That it is silent is nobody's fault. */
  excuse(nowMs: number): void {
    this.#silentSinceMs = nowMs;
    this.forgive();
  }

  doesNotFit(nowMs: number): boolean {
    const isLate = this.#lateSinceMs !== null && nowMs - this.#lateSinceMs >= LATE_FOR_MS;
    return isLate || this.#signs.filter((at) => nowMs - at < SIGNS_WITHIN_MS).length >= SIGNS;
  }

  /** For how long it has played without a sign. */
  smoothMs(nowMs: number): number {
    if (this.#playsSinceMs === null || this.#lateSinceMs !== null) return 0;
    return nowMs - Math.max(this.#playsSinceMs, this.#signs.at(-1) ?? this.#playsSinceMs);
  }

  /** For how long it has shown nothing. */
  silentMs(nowMs: number): number {
    return this.isPlaying ? 0 : nowMs - this.#silentSinceMs;
  }
}

/** When the whole picture is tried again; what one camera has shown of the connection holds for the next one. */
export class Patience {
  #failures = 0;
  #failedMs = Number.NEGATIVE_INFINITY;

  /** The whole picture did not fit: the next attempt waits longer than the last one did. */
  failed(nowMs: number): void {
    this.#failures += 1;
    this.#failedMs = nowMs;
  }

  /** The whole picture fits. */
  forget(): void {
    this.#failures = 0;
  }

  /** Whether another attempt would come too soon. */
  isWaiting(nowMs: number): boolean {
    return nowMs - this.#failedMs < this.#waitMs;
  }

  /** Whether the small picture has run smoothly for long enough since the last attempt. */
  isOver(small: Course, nowMs: number): boolean {
    return Math.min(small.smoothMs(nowMs), nowMs - this.#failedMs) >= this.#waitMs;
  }

  get #waitMs(): number {
    return PATIENCE_MS[Math.min(this.#failures, PATIENCE_MS.length) - 1] ?? 0;
  }
}
