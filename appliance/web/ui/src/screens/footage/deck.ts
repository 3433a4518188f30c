// Plays several cameras in step: one leads, the others are held to its wall time.

import { signal } from "@preact/signals";
import { at, recordedFrom } from "./coverage";
import type { Library } from "./library";
import { Seat } from "./seat";
import { leaderAfter, orderOf } from "./sync";

export const RATES = [0.5, 1, 2, 4, 8, 16] as const;
const TICK_MS = 100;
/** A leader that goes on by more than this at once has left out a gap. */
const JUMP_MS = 1500;
const ARRIVED_MS = 1500;
const ARRIVES_WITHIN_MS = 2500;
/** A shorter time that was left out is not worth words. */
const LEAST_LEFT_OUT_MS = 2000;
const NEAR_NOW_MS = 20_000;
const REPLAY_MS = 10_000;

/** A time of which a camera has no footage, and over which one was led. */
export interface LeftOut {
  cameraId: string;
  fromMs: number;
  toMs: number;
}

export class Deck {
  /** The moment that is shown. */
  readonly at = signal<number | null>(null);
  /** The gap that was left out last. */
  readonly leftOut = signal<LeftOut | null>(null);
  readonly isPlaying = signal(true);
  readonly rate = signal(1);
  readonly isMuted = signal(true);
  readonly isLive = signal(false);
  readonly #seats = new Map<string, Seat>();
  #leaderId: string | null = null;
  #timer = 0;
  #target: { ms: number; sinceMs: number } | null = null;
  #lastMs: number | null = null;
  #isHeld = false;

  constructor(private readonly held: Library) {}

  /** A camera's element is there: play what the others play. Returns what takes it away again. */
  join(cameraId: string, video: HTMLVideoElement): () => void {
    const seat = new Seat(cameraId, video, { time: (one) => this.#time(one) });
    this.#seats.set(cameraId, seat);
    this.#leaderId ??= cameraId;
    seat.rate = this.rate.value;
    this.#mute();
    if (this.at.value !== null) seat.go(this.at.value, this.isPlaying.value);
    if (this.#timer === 0) this.#timer = window.setInterval(() => this.#tick(), TICK_MS);
    return () => this.#leave(seat);
  }

  seat(cameraId: string): Seat | null {
    return this.#seats.get(cameraId) ?? null;
  }

  /** How far the seats are from each other, in milliseconds; null where fewer than two show something. */
  get apartMs(): number | null {
    const shown = [...this.#seats.values()].filter((one) => !one.isResting.value && !one.isOver);
    const times = shown.map((one) => one.wallMs).filter((ms) => ms !== null);
    return times.length < 2 ? null : Math.max(...times) - Math.min(...times);
  }

  /** Show a moment, and go on as before. */
  seek(ms: number, isPlaying = this.isPlaying.value): void {
    this.isLive.value = false;
    this.isPlaying.value = isPlaying;
    this.#isHeld = false;
    const { cameraId, fromMs: target } = this.#soonest(ms);
    this.#leaderId = cameraId;
    this.leftOut.value = null;
    this.#tellLeftOut(ms, target);
    this.at.value = target;
    this.#target = { ms: target, sinceMs: performance.now() };
    this.#lastMs = null;
    for (const seat of this.#seats.values()) seat.go(target, isPlaying);
    this.#mute();
  }

  play(): void {
    this.isPlaying.value = true;
    const leader = this.#leader;
    if (this.at.value !== null && leader?.isOver) this.seek(this.at.value);
    else leader?.setPlaying(true);
  }

  pause(): void {
    this.isPlaying.value = false;
    for (const seat of this.#seats.values()) seat.setPlaying(false);
  }

  toggle(): void {
    // What was seen a moment ago can be seen again.
    if (this.isLive.value) this.seek(Date.now() - REPLAY_MS, true);
    else if (this.isPlaying.value) this.pause();
    else this.play();
  }

  /** Stand still while somebody looks for a moment: what plays meanwhile is not looked at, and costs. */
  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    for (const seat of this.#seats.values()) seat.setPlaying(false);
  }

  /** Nothing was found: go on where it was. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    if (this.isPlaying.value) this.#leader?.setPlaying(true);
  }

  step(frames: number): void {
    this.pause();
    this.#leader?.step(frames);
  }

  setRate(rate: number): void {
    this.rate.value = rate;
    for (const seat of this.#seats.values()) seat.rate = rate;
  }

  setMuted(isMuted: boolean): void {
    this.isMuted.value = isMuted;
    this.#mute();
  }

  /** Leave what was recorded: what the cameras see now is shown. */
  goLive(): void {
    this.isLive.value = true;
    this.at.value = null;
    this.#target = null;
    for (const seat of this.#seats.values()) seat.close();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  /** Whether a camera has footage of a moment; null where that is not known. */
  has(cameraId: string, ms: number): boolean | null {
    const interval = at(this.held.intervals(cameraId, ms), ms);
    if (interval === null || interval.state === "unknown") return null;
    return interval.state === "recorded";
  }

  get #leader(): Seat | null {
    return this.#seats.get(this.#leaderId ?? "") ?? null;
  }

  // Whose footage of a moment there is, or may be; else whose goes on first, and when.
  #soonest(ms: number): { cameraId: string | null; fromMs: number } {
    const cameras = [...this.#seats.keys()];
    for (const known of [true, null]) {
      const cameraId = cameras.find((id) => this.has(id, ms) === known);
      if (cameraId !== undefined) return { cameraId, fromMs: ms };
    }
    const next = cameras
      .map((cameraId) => ({ cameraId, fromMs: recordedFrom(this.held.intervals(cameraId, ms), ms) }))
      .filter((one) => one.fromMs !== null)
      .sort((one, other) => (one.fromMs ?? 0) - (other.fromMs ?? 0))[0];
    return { cameraId: next?.cameraId ?? cameras[0] ?? null, fromMs: next?.fromMs ?? ms };
  }

  #tellLeftOut(fromMs: number, toMs: number): void {
    if (this.#leaderId !== null && toMs - fromMs >= LEAST_LEFT_OUT_MS)
      this.leftOut.value = { cameraId: this.#leaderId, fromMs, toMs };
  }

  #leave(seat: Seat): void {
    seat.close();
    if (this.#seats.get(seat.cameraId) === seat) this.#seats.delete(seat.cameraId);
    if (this.#leaderId === seat.cameraId) this.#lead([...this.#seats.keys()][0] ?? null);
    if (this.#seats.size === 0) this.close();
  }

  #lead(cameraId: string | null): void {
    this.#leaderId = cameraId;
    this.#lastMs = null;
    const leader = this.#leader;
    if (leader !== null) {
      leader.isResting.value = false;
      leader.rate = this.rate.value;
    }
    this.#mute();
  }

  // Only one of them can be heard: the one that leads.
  #mute(): void {
    for (const seat of this.#seats.values())
      seat.isMuted = this.isMuted.value || seat.cameraId !== this.#leaderId;
  }

  #time(seat: Seat): void {
    const ms = seat.pictureMs;
    if (seat.cameraId !== this.#leaderId || ms === null || this.isLive.value) return;
    if (this.#target !== null) {
      const isThere = !seat.video.seeking && Math.abs(ms - this.#target.ms) < ARRIVED_MS;
      if (!isThere && performance.now() - this.#target.sinceMs < ARRIVES_WITHIN_MS) return;
      // Of what was not looked at before, the player knows where it goes on.
      this.#tellLeftOut(this.#target.ms, ms);
      this.#target = null;
      this.#lastMs = null;
    }
    if (this.#handOver(ms)) return;
    if (this.#lastMs !== null && this.isPlaying.value && this.#isJump(this.#lastMs, ms))
      this.#tellLeftOut(this.#lastMs, ms);
    this.#lastMs = ms;
    this.at.value = ms;
  }

  #isJump(beforeMs: number, ms: number): boolean {
    return ms - beforeMs >= JUMP_MS * Math.max(1, this.rate.value);
  }

  // Where the leader leaves out a time of which another camera has footage, that one leads through it.
  #handOver(ms: number): boolean {
    const before = this.#lastMs;
    if (before === null || !this.isPlaying.value || !this.#isJump(before, ms)) return false;
    const next = leaderAfter(
      [...this.#seats.keys()],
      this.#leaderId ?? "",
      { fromMs: before, toMs: ms },
      (id, at) => this.has(id, at),
    );
    if (next === this.#leaderId) return false;
    this.#leader?.setPlaying(false);
    this.#lead(next);
    this.#leader?.setPlaying(true);
    return true;
  }

  #tick(): void {
    const leader = this.#leader;
    if (leader === null || this.isLive.value || this.#isHeld) return;
    if (leader.isOver) this.#replace(leader);
    const wallMs = leader.wallMs;
    if (wallMs === null || this.#target !== null || leader !== this.#leader) return;
    const isPlaying = this.isPlaying.value && leader.state.value === "playing";
    for (const seat of this.#seats.values()) if (seat !== leader) this.#hold(seat, wallMs, isPlaying);
  }

  #hold(seat: Seat, wallMs: number, isPlaying: boolean): void {
    const has = this.has(seat.cameraId, wallMs);
    if (seat.state.value === "failed" || (seat.isOver && has !== true)) {
      seat.isResting.value = seat.state.value !== "failed";
      return;
    }
    const order = orderOf(
      seat.follower,
      { wallMs, rate: this.rate.value, isPlaying },
      has,
      performance.now(),
    );
    seat.obey(order, isPlaying);
    const isFar = Math.abs((seat.wallMs ?? 0) - wallMs) > JUMP_MS;
    seat.isResting.value = has === false || (order.kind === "rest" && isPlaying && !seat.isWaiting && isFar);
  }

  // A leader that is through lets another one lead; where all are through near now, now is what follows.
  #replace(leader: Seat): void {
    const other = [...this.#seats.values()].find((seat) => seat !== leader && !seat.isOver);
    if (other !== undefined) {
      this.#target = null;
      this.#lead(other.cameraId);
      if (this.isPlaying.value) other.setPlaying(true);
      return;
    }
    const isNow = this.at.value !== null && Date.now() - this.at.value < NEAR_NOW_MS;
    if (leader.state.value === "ended" && isNow && this.isPlaying.value) this.goLive();
  }
}
