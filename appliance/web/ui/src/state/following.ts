// Fetching something, and taking the messages that are not contained in it yet.

import type { Message } from "../messages";

export type Fetch = (signal: AbortSignal) => Promise<number | null>;

/** See `useFollowed`; `fetch` and `apply` are as there. */
export class Following {
  #stop = new AbortController();
  #contained = 0;
  #word: "fetching" | "following" | "failed" = "fetching";
  #waiting: Message[] = [];
  #isLost = false;

  constructor(
    private readonly fetch: Fetch,
    private readonly apply: (said: Message) => void,
  ) {}

  async begin(): Promise<void> {
    this.#stop.abort();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#word = "fetching";
    this.#waiting = [];
    const cursor = await this.fetch(signal);
    if (signal.aborted) return;
    const waiting = this.#waiting.splice(0);
    this.#word = cursor === null ? "failed" : "following";
    this.#contained = cursor ?? 0;
    for (const said of waiting) this.hear(said);
  }

  hear(said: Message): void {
    if (this.#word === "fetching") this.#waiting.push(said);
    else if (this.#word === "following" && (said.cursor ?? Number.POSITIVE_INFINITY) > this.#contained)
      this.apply(said);
  }

  /** The box cannot be reached: what is asked for just now may never be answered. */
  lost(): void {
    this.#isLost = true;
  }

  /** The box can be reached (again). */
  reached(): void {
    const isDoubtful = this.#word === "fetching" && this.#isLost;
    this.#isLost = false;
    if (this.#word === "failed" || isDoubtful) void this.begin();
  }

  end(): void {
    this.#stop.abort();
  }
}
