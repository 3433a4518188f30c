// How long after their pictures boxes come: the search takes a while, and so does the commit. A player that stays so
// far behind shows them on the pictures that they were found in.

const KEPT = 40;
// Of these one in ten may come too late, and is drawn on a later picture.
const IN_TIME = 0.9;
// What a player is behind by itself, in seconds, and what is too far behind to be called live.
const ANYWAY_S = 0.2;
const MOST_S = 1.5;
// The aim does not move with every box: a player that follows it changes its speed.
const STEP_S = 0.1;

export class Lateness {
  #late: number[] = [];

  /** Take how late boxes came against the newest picture, in ms; returns by how much to stay behind, in s. */
  after(lateMs: number): number {
    this.#late.push(lateMs);
    if (this.#late.length > KEPT) this.#late.shift();
    const sorted = this.#late.toSorted((one, other) => one - other);
    const usual = (sorted[Math.floor((sorted.length - 1) * IN_TIME)] ?? 0) / 1000;
    return Math.min(MOST_S, Math.max(0, Math.ceil((usual - ANYWAY_S) / STEP_S) * STEP_S));
  }

  forget(): void {
    this.#late = [];
  }
}
