// Several players in step: one leads, and the others are held to its wall time.

/** Nearer than this nothing is done: about one picture. */
const NEAR_MS = 40;
/** Farther than this a seek is quicker than another rate. */
const FAR_MS = 1200;
/** A player that was sought just now is given time to get there. */
export const SEEK_EVERY_MS = 1000;
const FASTEST = 16;
const SLOWEST = 0.25;

export interface Follower {
  /** What it shows, or null where it shows nothing. */
  wallMs: number | null;
  /** It is on its way to somewhere. */
  isWaiting: boolean;
  /** When it was last sought, by the same clock as `nowMs`; and to which wall time. */
  soughtAtMs: number;
  soughtMs: number | null;
}

export interface Leader {
  wallMs: number;
  rate: number;
  isPlaying: boolean;
}

/** What a follower does: plays at a rate, seeks, or rests on its picture until the leader has come. */
export type Order = { kind: "play"; rate: number } | { kind: "seek"; ms: number } | { kind: "rest" };

/**
 * What a follower is to do. `hasFootage` is whether it has any at the leader's time: true, false, or null where
 * that is not known.
 */
export function orderOf(
  follower: Follower,
  leader: Leader,
  hasFootage: boolean | null,
  nowMs: number,
): Order {
  if (hasFootage === false) return { kind: "rest" };
  const maySeek = nowMs - follower.soughtAtMs >= SEEK_EVERY_MS;
  if (follower.wallMs === null)
    return maySeek && !follower.isWaiting ? { kind: "seek", ms: leader.wallMs } : { kind: "rest" };
  const ahead = follower.wallMs - leader.wallMs;
  if (!leader.isPlaying) {
    // A picture lasts a while: sought to this very moment, it shows the one of that moment.
    const isAsked = follower.soughtMs !== null && Math.abs(follower.soughtMs - leader.wallMs) <= NEAR_MS;
    if (Math.abs(ahead) <= NEAR_MS || isAsked || !maySeek || follower.isWaiting) return { kind: "rest" };
    return isThere(follower, leader, ahead) ? { kind: "rest" } : { kind: "seek", ms: leader.wallMs };
  }
  const scale = Math.max(1, leader.rate);
  if (Math.abs(ahead) <= NEAR_MS * scale) return { kind: "play", rate: leader.rate };
  if (Math.abs(ahead) > FAR_MS * scale) {
    // It came out behind a gap, and waits there for the leader.
    if (ahead > 0 && isThere(follower, leader, ahead)) return { kind: "rest" };
    if (!maySeek || follower.isWaiting)
      return ahead > 0 ? { kind: "rest" } : { kind: "play", rate: leader.rate };
    return { kind: "seek", ms: leader.wallMs };
  }
  const change = Math.max(-0.3, Math.min(0.3, ahead / scale / 800));
  return { kind: "play", rate: Math.min(FASTEST, Math.max(SLOWEST, leader.rate * (1 - change))) };
}

// Sought to about here, it landed where its footage goes on: seeking again would lead to the same place.
function isThere(follower: Follower, leader: Leader, ahead: number): boolean {
  if (follower.soughtMs === null || ahead < 0) return false;
  return follower.soughtMs <= leader.wallMs + FAR_MS && leader.wallMs <= (follower.wallMs ?? 0);
}

/**
 * Who leads from here on. The leader has just gone from one moment to another: where it left out a time of which
 * another one has footage, that one leads, from where the former one left off.
 */
export function leaderAfter(
  cameras: readonly string[],
  leaderId: string,
  jump: { fromMs: number; toMs: number },
  has: (cameraId: string, ms: number) => boolean | null,
): string {
  const inGap = jump.fromMs + Math.min(500, (jump.toMs - jump.fromMs) / 2);
  return cameras.find((id) => id !== leaderId && has(id, inGap) === true) ?? leaderId;
}

/**
 * The wall time of a player between its pictures. Each picture says when it was taken, a little after its position
 * came; hence the latest offset that was seen is the truest one, until the wall time jumps.
 */
export class SteadyClock {
  #offsetMs: number | null = null;

  /** A picture is shown: it was taken at `wallMs`, and the player is at `positionS` by now. */
  picture(wallMs: number, positionS: number): void {
    const offset = wallMs - positionS * 1000;
    const isJump = this.#offsetMs !== null && Math.abs(offset - this.#offsetMs) > 300;
    this.#offsetMs = this.#offsetMs === null || isJump ? offset : Math.max(offset, this.#offsetMs - 0.2);
  }

  at(positionS: number): number | null {
    return this.#offsetMs === null ? null : this.#offsetMs + positionS * 1000;
  }

  clear(): void {
    this.#offsetMs = null;
  }
}
