// One camera's player among those that play in step.

import { signal } from "@preact/signals";
import { FootagePlayer, type PlayerState } from "../../video/footage_player";
import { type Follower, type Order, SteadyClock } from "./sync";

export interface SeatListener {
  time(seat: Seat): void;
}

export class Seat {
  readonly state = signal<PlayerState>("empty");
  /** Why nothing is shown, or what it waits for. */
  readonly text = signal("");
  /** Others play, and of this camera there is nothing at that time. */
  readonly isResting = signal(false);
  readonly #player: FootagePlayer;
  readonly #clock = new SteadyClock();
  #isOpen = false;
  #isPaused = true;
  #soughtAtMs = 0;
  #soughtMs: number | null = null;

  constructor(
    readonly cameraId: string,
    readonly video: HTMLVideoElement,
    on: SeatListener,
  ) {
    this.#player = new FootagePlayer(video, {
      time: (wallMs) => {
        this.#clock.picture(wallMs, video.currentTime);
        on.time(this);
      },
      state: (state, text) => {
        video.dataset.state = state;
        this.state.value = state;
        this.text.value = text;
      },
    });
    this.#player.muted = true;
  }

  /** The wall time at which it is, also between pictures. */
  get wallMs(): number | null {
    return this.#clock.at(this.video.currentTime);
  }

  /** The time of the picture that is shown. */
  get pictureMs(): number | null {
    return this.#player.wallMs;
  }

  get isWaiting(): boolean {
    return this.video.seeking || this.state.value === "waiting";
  }

  /** Nothing more comes of it by itself. */
  get isOver(): boolean {
    return ["empty", "ended", "failed"].includes(this.state.value);
  }

  get follower(): Follower {
    const { wallMs, isWaiting } = this;
    return { wallMs, isWaiting, soughtAtMs: this.#soughtAtMs, soughtMs: this.#soughtMs };
  }

  go(ms: number, isPlaying: boolean): void {
    this.#soughtAtMs = performance.now();
    this.#soughtMs = ms;
    this.#clock.clear();
    this.isResting.value = false;
    if (this.#isOpen && !this.isOver) this.#player.seek(ms);
    else this.#player.open({ cameraId: this.cameraId, fromMs: ms }, { paused: !isPlaying });
    this.#isOpen = true;
    this.#isPaused = isPlaying;
    this.setPlaying(isPlaying);
  }

  setPlaying(isPlaying: boolean): void {
    if (this.#isPaused === !isPlaying) return;
    this.#isPaused = !isPlaying;
    if (isPlaying) this.#player.play();
    else this.#player.pause();
  }

  set rate(rate: number) {
    if (Math.abs(this.#player.rate / rate - 1) > 0.004) this.#player.rate = rate;
  }

  set isMuted(isMuted: boolean) {
    this.#player.muted = isMuted;
  }

  step(frames: number): void {
    this.#isPaused = true;
    this.#player.step(frames);
  }

  obey(order: Order, isPlaying: boolean): void {
    if (order.kind === "seek") this.go(order.ms, isPlaying);
    else if (order.kind === "rest") this.setPlaying(false);
    else {
      this.rate = order.rate;
      this.setPlaying(true);
    }
  }

  close(): void {
    this.#isOpen = false;
    this.#clock.clear();
    this.#player.close();
  }
}
