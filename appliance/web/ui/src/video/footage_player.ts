// Plays recorded footage into a <video>: hls.js over the box's playlists, each picture with its wall time.

import type Hls from "hls.js";
import type { ErrorData } from "hls.js";
import { wordsOf } from "../api";
import { loaderOf } from "./feed_loader";
import { FootageFeed, isPassing, type Source } from "./footage_feed";
import { aheadOf, canPlay, configOf, failureWords } from "./hls_setup";
import { endOf } from "./joined_playlist";
import { ShownFrames } from "./shown_frames";
import { WallClock } from "./wall_clock";

export type { Source } from "./footage_feed";
export type PlayerState = "empty" | "waiting" | "playing" | "paused" | "ended" | "failed";

/** Who is told: the time at which the picture that is shown was taken, and how it is doing, in words. */
export interface PlayerListener {
  time(wallMs: number): void;
  state(state: PlayerState, text: string): void;
}

const RETRY_MS = 2000;
const SEEK_WITHIN_MS = 1500;
const NEAR_END_MS = 15_000;
const EDGE_S = 1;
const MOST_RATE = 16;
const MOST_TRIES = 5;
const SHOWN_WITHIN_MS = 400;

/** One player to one element; `open` may be called again and again. */
export class FootagePlayer {
  #feed: FootageFeed | null = null;
  #hls: Hls | null = null;
  #clock: WallClock | null = null;
  #isPaused = false;
  #rate = 1;
  #wantedMs: number | null = null;
  #isSeeking = false;
  #seekTimer = 0;
  #retryTimer = 0;
  readonly #frames: ShownFrames;
  #recoveries = 0;
  #trouble = "";
  #state: PlayerState | null = null;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly on: PlayerListener,
  ) {
    this.#frames = new ShownFrames(video, (positionS) => this.#shown(positionS));
    video.addEventListener("waiting", () => this.#tell("waiting", this.#trouble));
    video.addEventListener("playing", () => this.#tell("playing"));
    video.addEventListener("pause", () => !video.ended && this.#settle());
    video.addEventListener("loadeddata", () => this.#arrived());
    video.addEventListener("seeked", () => this.#arrived());
    video.addEventListener("ended", () => this.#ended());
  }

  /** When the picture that is shown was taken; null where there is none. */
  get wallMs(): number | null {
    return this.#clock?.wallAt(this.#frames.atS ?? this.video.currentTime) ?? null;
  }

  /** From when until when there is something to play, as far as is known; null before it is. */
  get span(): { fromMs: number; toMs: number } | null {
    return this.#feed?.span ?? null;
  }

  get rate(): number {
    return this.#rate;
  }

  /** How fast it plays: up to 16 times. */
  set rate(rate: number) {
    this.#rate = Math.min(Math.max(rate, 0.0625), MOST_RATE);
    this.video.defaultPlaybackRate = this.video.playbackRate = this.#rate;
    if (this.#hls !== null) this.#hls.config.maxBufferLength = aheadOf(this.#rate);
  }

  get muted(): boolean {
    return this.video.muted;
  }

  set muted(muted: boolean) {
    this.video.muted = muted;
  }

  open(source: Source, options: { paused?: boolean } = {}): void {
    this.close();
    this.#isPaused = options.paused ?? false;
    const feed = new FootageFeed(source);
    this.#feed = feed;
    this.#isSeeking = true;
    this.#tell("waiting");
    void this.#begin(feed);
  }

  close(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#seekTimer);
    this.#feed?.close();
    this.#hls?.destroy();
    this.#feed = this.#hls = this.#clock = this.#wantedMs = this.#frames.atS = this.#state = null;
    this.#isSeeking = false;
    this.#recoveries = 0;
    this.#trouble = "";
  }

  play(): void {
    this.#isPaused = false;
    // A browser that does not want to play says so with `pause`.
    if (this.#hls !== null) this.video.play().catch(() => this.#settle());
  }

  pause(): void {
    this.#isPaused = true;
    this.video.pause();
  }

  /** Go to a moment. Of several in short order only the newest counts. */
  seek(wallMs: number): void {
    if (this.#feed === null) return;
    this.#wantedMs = wallMs;
    if (!this.#isSeeking) this.#go();
    else if (this.#hls === null && this.#isFar(wallMs)) this.#reopen(wallMs);
    else this.#hurry();
  }

  /** Go some pictures on, or back; it stands still then. */
  step(frames: number): void {
    if (this.#clock === null || frames === 0) return;
    this.pause();
    const { atS, lastsS } = this.#frames;
    const { currentTime, seeking } = this.video;
    // Of steps in short order each goes on from where the one before is going.
    this.#stepFrom(seeking || atS === null ? currentTime - lastsS / 2 : atS, frames, 0);
  }

  // Into the middle of the picture: its begin may be a hair later than it is said. How long pictures last is
  // learned: where the same one is shown again they last longer.
  #stepFrom(fromS: number, frames: number, tries: number): void {
    const { video } = this;
    const hls = this.#hls;
    video.currentTime = Math.max(0, fromS + (frames + 0.5) * this.#frames.lastsS);
    const look = () => {
      // Something else was opened meanwhile.
      if (hls !== this.#hls) return;
      const isSame = Math.abs((this.#frames.atS ?? fromS) - fromS) < 0.001;
      if (!isSame || !video.paused || video.seeking || tries >= MOST_TRIES) return;
      this.#frames.lastsS *= 1.6;
      this.#stepFrom(fromS, frames, tries + 1);
    };
    // The picture may come before the seek is said to be over, or a while after it.
    video.addEventListener("seeked", () => setTimeout(look, SHOWN_WITHIN_MS), { once: true });
  }

  async #begin(feed: FootageFeed): Promise<void> {
    try {
      await feed.begin();
      if (feed.isClosed) return;
      if (feed.list.pieces.length > 0) await this.#start(feed);
      else if (feed.isEnded) this.#tell("empty", feed.why);
      else this.#again(feed, "The first seconds are being recorded.");
    } catch (problem) {
      if (feed.isClosed) return;
      if (isPassing(problem)) this.#again(feed, wordsOf(problem));
      else this.#tell("failed", wordsOf(problem));
    }
  }

  #again(feed: FootageFeed, words: string): void {
    this.#tell("waiting", words);
    this.#retryTimer = window.setTimeout(() => void this.#begin(feed), RETRY_MS);
  }

  async #start(feed: FootageFeed): Promise<void> {
    const { list } = feed;
    const codecs = list.pieces.map((piece) => piece.file.codecs);
    const unplayable = codecs.find((one) => !canPlay(one));
    if (unplayable !== undefined) {
      this.#tell("failed", `This browser cannot play ${unplayable}. Export it, and play it elsewhere.`);
      return;
    }
    const { default: Player } = await import("hls.js/light");
    if (feed.isClosed) return;
    const clock = new WallClock(list);
    const fromMs = this.#wantedMs ?? feed.source.fromMs ?? 0;
    this.#wantedMs = null;
    const isBefore = list.startMs !== null && fromMs < list.startMs;
    const beginS = isBefore ? 0 : (clock.positionOf(fromMs) ?? Math.max(0, list.seconds - EDGE_S));
    const aheadS = () => list.seconds - Math.max(beginS, this.video.currentTime);
    const trouble = (words: string) => {
      this.#trouble = words;
    };
    const hls = new Player(configOf(loaderOf({ feed, beginS, aheadS, trouble }), this.#rate));
    this.#hls = hls;
    this.#clock = clock;
    clock.follow(hls, Player.Events);
    hls.on(Player.Events.ERROR, (_name, data) => this.#failed(hls, data, Player.ErrorTypes.MEDIA_ERROR));
    this.rate = this.#rate;
    hls.attachMedia(this.video);
    hls.loadSource(`${location.origin}/api/v1/footage.m3u8`);
    if (!this.#isPaused) this.play();
  }

  #failed(hls: Hls, data: ErrorData, media: string): void {
    // hls.js would ask again and again for a file that is gone.
    const isOver = data.fatal || (data.frag !== undefined && data.response?.code === 404);
    if (!isOver || hls !== this.#hls) return;
    this.#recoveries += 1;
    if (data.type === media && this.#recoveries <= 2) {
      hls.recoverMediaError();
      return;
    }
    this.#tell("failed", failureWords(data, data.type === media));
    hls.stopLoad();
  }

  #isFar(wallMs: number): boolean {
    const fromMs = this.#feed?.source.fromMs;
    return fromMs === undefined || Math.abs(wallMs - fromMs) > NEAR_END_MS;
  }

  #reopen(wallMs: number): void {
    if (this.#feed === null) return;
    this.open({ ...this.#feed.source, fromMs: wallMs }, { paused: this.#isPaused });
  }

  // A picture of each seek is shown before the next one begins; one that takes long is given up.
  #hurry(): void {
    clearTimeout(this.#seekTimer);
    if (this.#hls !== null) this.#seekTimer = window.setTimeout(() => this.#go(), SEEK_WITHIN_MS);
  }

  #go(): void {
    clearTimeout(this.#seekTimer);
    const feed = this.#feed;
    const wantedMs = this.#wantedMs;
    this.#wantedMs = null;
    if (wantedMs === null || feed === null || this.#clock === null) return;
    const wallMs = "eventId" in feed.source ? Math.max(wantedMs, feed.span?.fromMs ?? 0) : wantedMs;
    const position = this.#clock.positionOf(wallMs) ?? this.#edgeFor(wallMs, feed);
    if (position === null) this.#reopen(wallMs);
    else {
      this.#isSeeking = true;
      this.video.currentTime = position;
      if (!this.#isPaused && this.video.paused) this.play();
    }
  }

  // What lies after the end is the end where there is no more: of a clip, and of what is being recorded.
  #edgeFor(wallMs: number, feed: FootageFeed): number | null {
    const { endMs, seconds } = feed.list;
    if (endMs === null || wallMs < endMs || feed.isCut) return null;
    const isLast = "eventId" in feed.source || (!feed.isEnded && wallMs - endMs < NEAR_END_MS);
    return isLast ? Math.max(0, seconds - EDGE_S) : null;
  }

  #arrived(): void {
    this.#isSeeking = false;
    if (this.#wantedMs !== null) this.#go();
    else this.#settle();
  }

  #settle(): void {
    if (this.#hls !== null && this.video.paused && !this.video.ended) this.#tell("paused");
  }

  #ended(): void {
    const feed = this.#feed;
    const last = feed?.list.pieces.at(-1);
    if (feed?.isCut && last !== undefined) this.#reopen(endOf(last) + 1);
    else if (this.#hls !== null) this.#tell("ended", this.#trouble);
  }

  #tell(state: PlayerState, text = ""): void {
    if (this.#state === "failed" || (state !== "waiting" && state === this.#state)) return;
    if (state === "playing") this.#trouble = "";
    this.#state = state;
    this.on.state(state, text);
  }

  #shown(positionS: number): void {
    const wallMs = this.#clock?.wallAt(positionS) ?? null;
    if (wallMs === null) return;
    this.video.dataset.wall = new Date(wallMs).toISOString();
    this.on.time(wallMs);
  }
}
