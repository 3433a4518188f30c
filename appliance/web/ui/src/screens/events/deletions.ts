// Events that somebody has deleted here: gone from the page at once, and from the box some seconds later.

/** How long a deletion can be undone. */
export const UNDO_MS = 8000;

export interface DeletionWorld {
  /** Ask the server; `isLeaving` when the page will not be there for the answer. */
  send(id: string, isLeaving: boolean): Promise<void>;
  /** What is hidden has changed. */
  changed(hidden: ReadonlySet<string>): void;
  failed(id: string, problem: unknown): void;
  setTimeout(work: () => void, ms: number): number;
  clearTimeout(timer: number): void;
}

/** The pending deletions of the page, whichever screen is shown. */
export class Deletions {
  #timers = new Map<string, number>();
  #hidden = new Set<string>();

  constructor(private readonly world: DeletionWorld) {}

  /** Hide an event now, and have it deleted later. */
  add(id: string): void {
    if (this.#hidden.has(id)) return;
    this.#timers.set(
      id,
      this.world.setTimeout(() => void this.#send(id, false), UNDO_MS),
    );
    this.#hide(id);
  }

  /** Whether it can still be undone. */
  isPending(id: string): boolean {
    return this.#timers.has(id);
  }

  /** Bring an event back; false when it is too late. */
  undo(id: string): boolean {
    const timer = this.#timers.get(id);
    if (timer === undefined) return false;
    this.world.clearTimeout(timer);
    this.#timers.delete(id);
    this.#show(id);
    return true;
  }

  /** It is known to be gone: there is nothing to hide any more. */
  gone(id: string): void {
    const timer = this.#timers.get(id);
    if (timer !== undefined) this.world.clearTimeout(timer);
    this.#timers.delete(id);
    this.#show(id);
  }

  /** The page is being left: what is pending is asked for now. */
  leave(): void {
    for (const [id, timer] of [...this.#timers]) {
      this.world.clearTimeout(timer);
      void this.#send(id, true);
    }
  }

  // An event stays hidden until its deletion is told, or has failed.
  async #send(id: string, isLeaving: boolean): Promise<void> {
    this.#timers.delete(id);
    try {
      await this.world.send(id, isLeaving);
    } catch (problem) {
      this.#show(id);
      this.world.failed(id, problem);
    }
  }

  #hide(id: string): void {
    this.#hidden = new Set(this.#hidden).add(id);
    this.world.changed(this.#hidden);
  }

  #show(id: string): void {
    if (!this.#hidden.has(id)) return;
    this.#hidden = new Set(this.#hidden);
    this.#hidden.delete(id);
    this.world.changed(this.#hidden);
  }
}
