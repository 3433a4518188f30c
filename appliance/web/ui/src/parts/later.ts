// What cannot be undone is done only after a while, in which it can be taken back.

import { wordsOf } from "../api";
import { tell } from "./toasts";

/** How long it can be taken back. */
export const WAIT_MS = 8000;

export interface Deed {
  /** Ask the box for it; what the page is left with is asked all the same. */
  act(): Promise<unknown>;
  /** It was taken back, or has failed: put things on the page as they were. */
  back(): void;
  /** What to say before the reason when it fails: `Not deleted`. */
  failure: string;
}

/** Something that is about to be done. */
export interface Pending {
  /** Whether it can still be taken back. */
  isPending(): boolean;
  /** Take it back; false when it is too late. */
  undo(): boolean;
  /** Do it without waiting any longer; false when it failed, which is told. True when nothing is left to be done. */
  now(): Promise<boolean>;
  /** It has happened already: there is nothing to ask for any more. */
  forget(): void;
}

export interface LaterWorld {
  setTimeout(work: () => void, ms: number): number;
  clearTimeout(timer: number): void;
  failed(words: string): void;
}

/** All that is about to be done, whichever screen is shown. */
export class Later {
  #timers = new Map<Deed, number>();

  constructor(private readonly world: LaterWorld) {}

  begin(deed: Deed): Pending {
    this.#timers.set(
      deed,
      this.world.setTimeout(() => void this.#do(deed), WAIT_MS),
    );
    return {
      isPending: () => this.#timers.has(deed),
      undo: () => {
        const isInTime = this.#take(deed);
        if (isInTime) deed.back();
        return isInTime;
      },
      now: async () => !this.#timers.has(deed) || this.#do(deed),
      forget: () => void this.#take(deed),
    };
  }

  /** The page is being left: what is pending is asked for now. */
  leave(): void {
    for (const deed of [...this.#timers.keys()]) void this.#do(deed);
  }

  #take(deed: Deed): boolean {
    const timer = this.#timers.get(deed);
    if (timer === undefined) return false;
    this.world.clearTimeout(timer);
    return this.#timers.delete(deed);
  }

  async #do(deed: Deed): Promise<boolean> {
    this.#take(deed);
    try {
      await deed.act();
      return true;
    } catch (problem) {
      deed.back();
      this.world.failed(`${deed.failure}: ${wordsOf(problem)}`);
      return false;
    }
  }
}

const all = new Later({
  setTimeout: (work, ms) => window.setTimeout(work, ms),
  clearTimeout: (timer) => window.clearTimeout(timer),
  failed: (text) => tell({ text, tone: "bad" }),
});
globalThis.addEventListener?.("pagehide", () => all.leave());

/** Do it in eight seconds, unless it is taken back; whoever shows it says so. */
export const begin = (deed: Deed): Pending => all.begin(deed);

/** Say that something is done, and do it in eight seconds unless it is taken back. */
export function later(text: string, deed: Deed): Pending {
  const pending = begin(deed);
  tell({ text, ms: WAIT_MS, undo: () => pending.undo() || tellTooLate() });
  return pending;
}

/** Somebody wanted it back when it was done already. */
export function tellTooLate(): void {
  tell({ text: "It is too late: that is done.", tone: "bad" });
}
