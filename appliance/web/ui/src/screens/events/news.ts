// What is new is told to whoever hears the page, but not more often than one can listen.

export const BETWEEN_NEWS_MS = 8000;

/** Collects what is new and says it: the first at once, then at most one sentence in some seconds. */
export class News {
  #waiting: string[] = [];
  #quietUntilMs = 0;
  #timer: number | null = null;

  constructor(
    private readonly say: (words: string) => void,
    private readonly nowMs: () => number,
    private readonly later: (work: () => void, ms: number) => number,
    private readonly never: (timer: number) => void,
    private readonly what = "events",
  ) {}

  add(sentence: string): void {
    this.#waiting.push(sentence);
    if (this.#timer !== null) return;
    const waitMs = this.#quietUntilMs - this.nowMs();
    if (waitMs <= 0) this.#tell();
    else this.#timer = this.later(() => this.#tell(), waitMs);
  }

  close(): void {
    if (this.#timer !== null) this.never(this.#timer);
    this.#timer = null;
    this.#waiting = [];
  }

  #tell(): void {
    this.#timer = null;
    this.#quietUntilMs = this.nowMs() + BETWEEN_NEWS_MS;
    const [first, ...others] = this.#waiting.splice(0);
    this.say(
      others.length === 0
        ? (first ?? "")
        : `${others.length + 1} new ${this.what}. The last one: ${others.at(-1)}`,
    );
  }
}
