// Plays recorded footage into a <video>: hls.js over the box's playlists, each picture with its wall time.

import type Hls from "hls.js";
import type { ErrorData, HlsConfig } from "hls.js";
import { wordsOf } from "../api";
import { loaderOf } from "./feed_loader";
import { FootageFeed, isPassing, type Source } from "./footage_feed";
import { endOf } from "./joined_playlist";
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
const USUAL_FRAME_S = 1 / 15;
const NEAR_END_MS = 15_000;
const EDGE_S = 1;
const AHEAD_S = 30;
const MOST_RATE = 16;
const MOST_TRIES = 5;
const SHOWN_WITHIN_MS = 60;

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
  #shownS: number | null = null;
  #frameS = USUAL_FRAME_S;
  #recoveries = 0;
  #trouble = "";
  #state: PlayerState | null = null;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly on: PlayerListener,
  ) {
    this.#followFrames();
    video.addEventListener("waiting", () => this.#tell("waiting", this.#trouble));
    video.addEventListener("playing", () => this.#tell("playing"));
    video.addEventListener("pause", () => !video.ended && this.#settle());
    video.addEventListener("loadeddata", () => this.#arrived());
    video.addEventListener("seeked", () => this.#arrived());
    video.addEventListener("ended", () => this.#ended());
  }

  /** When the picture that is shown was taken; null where there is none. */
  get wallMs(): number | null {
    return this.#clock?.wallAt(this.#shownS ?? this.video.currentTime) ?? null;
  }

  get rate(): number {
    return this.#rate;
  }

  /** How fast it plays: up to 16 times. */
  set rate(rate: number) {
    this.#rate = Math.min(Math.max(rate, 0.0625), MOST_RATE);
    this.video.defaultPlaybackRate = this.video.playbackRate = this.#rate;
    if (this.#hls !== null) this.#hls.config.maxBufferLength = AHEAD_S * Math.max(1, this.#rate / 2);
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
    this.#feed = this.#hls = this.#clock = this.#wantedMs = this.#shownS = this.#state = null;
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
    this.#stepFrom(this.#shownS ?? this.video.currentTime, frames, 0);
  }

  // Into the middle of the picture: its begin may be a hair later than it is said. How long pictures last is
  // learned: where the same one is shown again they last longer.
  #stepFrom(fromS: number, frames: number, tries: number): void {
    const { video } = this;
    video.currentTime = Math.max(0, fromS + (frames + 0.5) * this.#frameS);
    const look = () => {
      const isSame = this.#shownS !== null && Math.abs(this.#shownS - fromS) < 0.001;
      if (!isSame || !video.paused || video.seeking || tries >= MOST_TRIES) return;
      this.#frameS *= 1.6;
      this.#stepFrom(fromS, frames, tries + 1);
    };
    video.addEventListener("seeked", () => setTimeout(look, SHOWN_WITHIN_MS), { once: true });
  }

  async #begin(feed: FootageFeed): Promise<void> {
    try {
      await feed.begin();
      if (feed.isClosed) return;
      if (feed.list.pieces.length > 0) await this.#start(feed);
      else if (feed.isEnded)
        this.#tell("empty", feed.why === "" ? "Nothing was recorded here." : `${feed.why}.`);
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
    const fromMs = this.#wantedMs ?? ("fromMs" in feed.source ? feed.source.fromMs : (list.startMs ?? 0));
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
    if (!data.fatal || hls !== this.#hls) return;
    this.#recoveries += 1;
    if (data.type === media && this.#recoveries <= 2) {
      hls.recoverMediaError();
      return;
    }
    const status = data.response?.code;
    if (status === 404) this.#tell("failed", "This footage is not there any more.");
    else if (data.type === media) this.#tell("failed", "The browser cannot decode this footage.");
    else
      this.#tell("failed", status ? `Nightjar answered with status ${status}.` : "Nightjar does not answer.");
    hls.stopLoad();
  }

  #isFar(wallMs: number): boolean {
    const source = this.#feed?.source;
    return source !== undefined && "fromMs" in source && Math.abs(wallMs - source.fromMs) > NEAR_END_MS;
  }

  #reopen(wallMs: number): void {
    const source = this.#feed?.source;
    if (source === undefined || !("cameraId" in source)) return;
    this.open({ cameraId: source.cameraId, fromMs: wallMs }, { paused: this.#isPaused });
  }

  // A picture of each seek is shown before the next one begins; one that takes long is given up.
  #hurry(): void {
    clearTimeout(this.#seekTimer);
    if (this.#hls !== null) this.#seekTimer = window.setTimeout(() => this.#go(), SEEK_WITHIN_MS);
  }

  #go(): void {
    clearTimeout(this.#seekTimer);
    const { list, isEnded = true, source } = this.#feed ?? {};
    const wallMs = this.#wantedMs;
    this.#wantedMs = null;
    if (wallMs === null || list === undefined || this.#clock === null) return;
    const position = this.#clock.positionOf(wallMs) ?? this.#nearEdge(wallMs, list.endMs, !isEnded, source);
    if (position === null) this.#reopen(wallMs);
    else {
      this.#isSeeking = true;
      this.video.currentTime = position;
      if (!this.#isPaused && this.video.paused) this.play();
    }
  }

  // What lies outside of the list is its edge where it is all there is: of a clip, and of what is being recorded.
  #nearEdge(wallMs: number, endMs: number | null, grows: boolean, source: Source | undefined): number | null {
    const isClip = source !== undefined && "eventId" in source;
    const list = this.#feed?.list;
    if (endMs === null || list === undefined) return null;
    if (isClip && wallMs < endMs) return 0;
    const isNear = wallMs >= endMs && grows && wallMs - endMs < NEAR_END_MS;
    return isClip || isNear ? Math.max(0, list.seconds - EDGE_S) : null;
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
    if (feed?.isCut && last !== undefined) this.#reopen(endOf(last));
    else if (this.#hls !== null) this.#tell("ended", this.#trouble);
  }

  #tell(state: PlayerState, text = ""): void {
    if (this.#state === "failed" || (state !== "waiting" && state === this.#state)) return;
    if (state === "playing") this.#trouble = "";
    this.#state = state;
    this.on.state(state, text);
  }

  #followFrames(): void {
    const { video } = this;
    const shown = (positionS: number) => {
      const since = positionS - (this.#shownS ?? positionS);
      // Frames that were left out make it longer, never shorter.
      if (!video.paused && since > 0.004 && since < 1) this.#frameS = Math.min(since, this.#frameS * 1.1);
      this.#shownS = positionS;
      const wallMs = this.#clock?.wallAt(positionS) ?? null;
      if (wallMs !== null) this.on.time(wallMs);
    };
    if ("requestVideoFrameCallback" in video) {
      const onFrame = (_now: number, { mediaTime }: VideoFrameCallbackMetadata) => {
        shown(mediaTime);
        video.requestVideoFrameCallback(onFrame);
      };
      video.requestVideoFrameCallback(onFrame);
    } else {
      const tick = () => shown((video as HTMLVideoElement).currentTime);
      (video as HTMLVideoElement).addEventListener("timeupdate", tick);
    }
  }
}

const canPlay = (codecs: string) =>
  "MediaSource" in window && MediaSource.isTypeSupported(`video/mp4; codecs="${codecs}"`);

function configOf(pLoader: HlsConfig["pLoader"], rate: number): Partial<HlsConfig> {
  return {
    enableWorker: false,
    lowLatencyMode: false,
    ...(pLoader && { pLoader }),
    maxBufferLength: AHEAD_S * Math.max(1, rate / 2),
    backBufferLength: AHEAD_S,
    // Sound that ends before its pictures leaves a hole of some milliseconds, at which a browser stops.
    maxBufferHole: 0.5,
    liveDurationInfinity: false,
  };
}
