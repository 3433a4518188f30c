// A camera's picture of now: live video where that can be had, else its newest frame about once a second, else the
// last picture there is, and why.

import { batch, signal } from "@preact/signals";
import { frame, picture, Refusal } from "../api";
import { STATES } from "../camera_words";
import type { Camera } from "../wire";
import { keepPicture, lastPictureOf, lastRecorded } from "./last_picture";
import { Lateness } from "./lateness";
import { canPlayLive } from "./live_buffer";
import { LivePlayer, type LiveState } from "./live_player";

const FRAME_EVERY_MS = 1000;
// One camera alone costs the box little.
const LARGE_FRAME_EVERY_MS = 250;
const RETRY_MS = 2000;
const NOTHING_NEW_MS = 5000;
const KEPT_QUALITY = 0.8;

/** Who wants to know how the video comes through the connection. */
export interface FlowListener {
  plays(doesPlay: boolean): void;
  /** Of each picture as it comes. */
  arrived(wallMs: number): void;
  /** It is too much for the connection. */
  behind(): void;
}

interface Options {
  stream: "small" | "main";
  sound: boolean;
  /** Told of each picture as it is shown, with the time at which it was taken. */
  onFrame: (wallMs: number) => void;
  flow: FlowListener | undefined;
}

/** Shows one camera in a `<video>`, or lets its pictures be had, while somebody can see it. */
export class LivePicture {
  /** What is shown: video, or single pictures. */
  readonly live = signal<LiveState>("jpeg");
  /** Why there is no video. */
  readonly videoReason = signal("");
  /** Why what is shown is old, or why there is nothing; null while it is of now. */
  readonly staleReason = signal<string | null>(null);
  readonly #player: LivePlayer | null;
  #camera: Camera;
  #isSeen = false;
  #isWaiting = false;
  #isGone = false;
  #wallMs: number | null = null;
  #fetch: AbortController | null = null;
  #timer = 0;
  readonly #lateness = new Lateness();
  #hasLookedBack = false;
  #newSince = 0;

  constructor(
    camera: Camera,
    private readonly video: HTMLVideoElement,
    private readonly options: Options,
  ) {
    this.#camera = camera;
    const query = options.stream === "small" ? "?stream=small" : options.sound ? "?sound=true" : "";
    const on = {
      closing: () => this.#keepLast(),
      state: (state: LiveState, reason: string) => this.#setLive(state, reason),
      frame: (wallMs: number) => this.#shown(wallMs),
      arrived: (wallMs: number) => options.flow?.arrived(wallMs),
      behind: () => options.flow?.behind(),
      gone: () => this.#leave(),
    };
    this.#player = canPlayLive ? new LivePlayer(video, `/cameras/${camera.id}/live${query}`, on) : null;
  }

  update(camera: Camera): void {
    const before = this.#camera;
    this.#camera = camera;
    if (before.status === camera.status) {
      if (camera.status !== "online" && this.staleReason.peek() !== null) this.#stale(this.#whyNone());
      return;
    }
    // Whatever is to be had now is asked for at once.
    this.#isGone = false;
    this.#stopPlayer();
    this.#startPlayer();
    this.#again(0);
  }

  setSeen(isSeen: boolean): void {
    if (isSeen === this.#isSeen) return;
    this.#isSeen = isSeen;
    if (isSeen) {
      this.#startPlayer();
      this.#again(0);
    } else this.#pause();
  }

  /** It plays out of sight for now: without sound, and without single pictures where it does not play. */
  setWaiting(isWaiting: boolean): void {
    this.#isWaiting = isWaiting;
    this.video.muted = isWaiting || !this.options.sound;
    this.#again(0);
  }

  /** The box answers again: whatever waits for its next attempt has it now. */
  retry(): void {
    this.#player?.retry();
    // What was asked for through the connection that is gone may never be answered.
    this.#dropFetch();
    this.#again(0);
  }

  /** Boxes of a picture have come: stay so far behind that those of the next ones come in time. */
  follow(boxesAtMs: number): void {
    const newestMs = this.#player?.newestWallMs;
    if (newestMs != null) this.#player?.stayBehind(this.#lateness.after(newestMs - boxesAtMs));
  }

  /** No boxes are wanted: be as near to now as can be. */
  unfollow(): void {
    this.#lateness.forget();
    this.#player?.stayBehind(0);
  }

  end(): void {
    this.#isSeen = false;
    this.#pause();
    this.#player?.end();
  }

  #startPlayer(): void {
    if (this.#isSeen && !this.#isGone && this.#camera.status === "online") this.#player?.start();
  }

  #stopPlayer(): void {
    this.#player?.stop();
    this.#setLive("jpeg", "");
  }

  #pause(): void {
    this.#stopPlayer();
    clearTimeout(this.#timer);
    this.#dropFetch();
  }

  /** There is no such camera any more: nothing is asked for unless one of that id is said to be there again. */
  #leave(): void {
    this.#isGone = true;
    this.#pause();
    this.#stale("The camera is deleted");
  }

  #dropFetch(): void {
    this.#fetch?.abort();
    this.#fetch = null;
    this.#hasLookedBack = false;
  }

  #setLive(state: LiveState, reason: string): void {
    batch(() => {
      this.live.value = state;
      this.videoReason.value = reason;
      if (state === "playing") this.staleReason.value = null;
    });
    this.options.flow?.plays(state === "playing");
    if (state === "playing") clearTimeout(this.#timer);
    else this.#again(0);
  }

  #shown(wallMs: number): void {
    this.#wallMs = wallMs;
    this.options.onFrame(wallMs);
  }

  #again(waitMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#isSeen || this.#isGone || this.#isWaiting || this.live.peek() === "playing") return;
    this.#timer = window.setTimeout(() => void this.#load(), waitMs);
  }

  async #load(): Promise<void> {
    if (this.#fetch !== null) return;
    const mine = new AbortController();
    this.#fetch = mine;
    let waitMs: number | null;
    try {
      waitMs = await (this.#camera.status === "online" ? this.#newest(mine.signal) : this.#old(mine.signal));
    } catch (error) {
      if (mine.signal.aborted) return;
      const isNone = error instanceof Refusal && error.status === 404;
      this.#stale(isNone ? this.#whyNone() : "Nightjar does not answer");
      waitMs = RETRY_MS;
    }
    if (this.#fetch !== mine) return;
    this.#fetch = null;
    if (waitMs !== null) this.#again(waitMs);
  }

  async #newest(signal: AbortSignal): Promise<number> {
    const isSmall = this.options.stream === "small";
    const { blob, takenMs } = await frame(
      `/cameras/${this.#camera.id}/frame.jpg${isSmall ? "?size=small" : ""}`,
      signal,
    );
    if (this.live.peek() === "playing") return FRAME_EVERY_MS;
    keepPicture(this.#camera.id, blob, takenMs ?? Date.now());
    // The box's clock may be another one than this browser's; that the time stands still tells as much.
    if (takenMs !== this.#wallMs || takenMs === null) this.#newSince = performance.now();
    const isOld = performance.now() - this.#newSince > NOTHING_NEW_MS;
    this.staleReason.value = isOld ? "The camera sends no new pictures" : null;
    if (takenMs !== null) this.#shown(takenMs);
    return isSmall ? FRAME_EVERY_MS : LARGE_FRAME_EVERY_MS;
  }

  /** A camera that is down sends nothing: its last picture is what was seen here, or what was recorded. */
  async #old(signal: AbortSignal): Promise<number | null> {
    this.#stale(this.#whyNone());
    if (this.#hasLookedBack || lastPictureOf(this.#camera.id).peek() !== null) return null;
    this.#hasLookedBack = true;
    const found = await lastRecorded(this.#camera.id, signal).catch(() => null);
    if (found === null || signal.aborted) return null;
    const [path, takenMs] = found;
    const blob = await picture(path, signal).catch(() => null);
    if (blob !== null && !signal.aborted) keepPicture(this.#camera.id, blob, takenMs);
    return null;
  }

  /** Keep the video's last picture: nothing newer may come for a while. */
  #keepLast(): void {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (this.live.peek() !== "playing" || width === 0) return;
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    canvas.getContext("2d")?.drawImage(this.video, 0, 0);
    const [cameraId, takenMs] = [this.#camera.id, this.#wallMs];
    const keep = (blob: Blob | null) => {
      const newest = lastPictureOf(cameraId).peek()?.takenMs ?? 0;
      if (blob !== null && (takenMs ?? 0) >= newest) keepPicture(cameraId, blob, takenMs);
    };
    canvas.toBlob(keep, "image/jpeg", KEPT_QUALITY);
  }

  #stale(reason: string): void {
    if (this.live.peek() !== "playing") this.staleReason.value = reason;
  }

  #whyNone(): string {
    const { status, status_reason: reason } = this.#camera;
    if (status === "online") return "Waiting for the first picture";
    return reason === "" ? STATES[status][0] : reason;
  }
}
