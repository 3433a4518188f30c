// A camera's picture: live video where that can be had, else its newest frame about once a second.

import { picture, Problem } from "./api.js";
import { make, say } from "./elements.js";
import { canPlayLive, LivePlayer } from "./live.js";

const FRAME_EVERY_MS = 1000;
const FRAME_RETRY_MS = 3000;

export const STATES = {
  connecting: ["Connecting", "wait"],
  online: ["Online", "good"],
  offline: ["Offline", "bad"],
  auth_failed: ["Wrong user or password", "bad"],
  no_video: ["No video", "warn"],
  ended: ["Ended", "idle"],
  disabled: ["Switched off", "idle"],
};

/**
 * Shows one camera while somebody can see it. `small` does with its second address; `sound` can be heard.
 *
 * `element` carries `data-live`: `connecting`, `playing` or `jpeg`. `onFrame(wallUs)` is told of each picture of
 * the live video as it is shown, with the time at which it was taken.
 */
export class Screen {
  #camera = null;
  #query;
  #isSmall;
  #onFrame;
  #player = null;
  #seen = false;
  #live = "jpeg";
  #fetch = null;
  #timer = 0;
  #url = null;

  constructor({ small = false, sound = false }, onFrame = () => {}) {
    this.#isSmall = small;
    this.#query = small ? "?stream=small" : sound ? "?sound=true" : "";
    this.#onFrame = onFrame;
    this.image = make("img", { alt: "", hidden: true });
    this.video = make("video", { muted: !sound, aria: { hidden: "true" }, tabIndex: -1 });
    this.words = make("p", { textContent: "No frame yet" });
    this.element = make("div", { className: "view", data: { live: "jpeg" } }, this.image, this.video, this.words);
  }

  /** Why single pictures are shown, where that is so; else how it is doing. */
  get reason() {
    return this.element.dataset.reason ?? "";
  }

  update(camera) {
    const before = this.#camera;
    this.#camera = camera;
    this.image.alt = `Newest frame of ${camera.name}`;
    if (this.#player === null && canPlayLive) this.#player = this.#makePlayer(camera);
    if (before === null || before.status === camera.status) return;
    // Whatever is to be had now is asked for at once.
    this.#stopPlayer();
    this.#startPlayer();
    this.#again(0);
  }

  setSeen(seen) {
    this.#seen = seen;
    if (seen) {
      this.#startPlayer();
      this.#again(0);
    } else this.#pause();
  }

  gone() {
    this.#seen = false;
    this.#pause();
    if (this.#url !== null) URL.revokeObjectURL(this.#url);
    this.element.remove();
  }

  #makePlayer(camera) {
    return new LivePlayer(this.video, `/cameras/${camera.id}/live${this.#query}`, {
      closing: () => this.#keepLast(),
      state: (state, reason) => this.#setLive(state, reason),
      frame: (wallUs) => this.#frame(wallUs),
    });
  }

  #startPlayer() {
    if (this.#seen && !document.hidden && this.#camera?.status === "online") this.#player?.start();
  }

  #stopPlayer() {
    this.#player?.stop();
    this.#setLive("jpeg");
  }

  #setLive(state, reason = "") {
    this.#live = state;
    this.element.dataset.live = state;
    this.element.dataset.reason = reason;
    if (state === "playing") {
      clearTimeout(this.#timer);
      this.#fresh();
    } else {
      delete this.element.dataset.lagMs;
      this.#again(0);
    }
  }

  #frame(wallUs) {
    this.element.dataset.lagMs = String(Math.round(Date.now() - wallUs / 1000));
    this.#onFrame(wallUs);
  }

  #again(wait) {
    clearTimeout(this.#timer);
    if (!this.#seen || document.hidden || this.#live === "playing") return;
    this.#timer = setTimeout(() => this.#load(), wait);
  }

  #pause() {
    this.#stopPlayer();
    clearTimeout(this.#timer);
    this.#fetch?.abort();
    this.#fetch = null;
  }

  async #load() {
    if (this.#fetch !== null) return;
    if (this.#camera.status !== "online") {
      this.#stale(this.#whyNone());
      return;
    }
    const mine = new AbortController();
    this.#fetch = mine;
    let wait = FRAME_EVERY_MS;
    try {
      const size = this.#isSmall ? "?size=small" : "";
      this.#show(await picture(`/cameras/${this.#camera.id}/frame.jpg${size}`, mine.signal));
      this.#fresh();
    } catch (error) {
      if (mine.signal.aborted) return;
      wait = FRAME_RETRY_MS;
      this.#stale(error instanceof Problem && error.status === 404 ? this.#whyNone() : "Nightjar does not answer");
    }
    if (this.#fetch === mine) this.#fetch = null;
    this.#again(wait);
  }

  /** Keep the video's last picture: nothing newer may come for a while. */
  #keepLast() {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (this.#live !== "playing" || width === 0) return;
    const canvas = make("canvas", { width, height });
    canvas.getContext("2d").drawImage(this.video, 0, 0);
    canvas.toBlob((blob) => blob !== null && this.#live !== "playing" && this.element.isConnected && this.#show(blob), "image/jpeg", 0.8);
  }

  #show(blob) {
    const old = this.#url;
    this.#url = URL.createObjectURL(blob);
    this.image.src = this.#url;
    this.image.hidden = false;
    if (old !== null) URL.revokeObjectURL(old);
  }

  #fresh() {
    this.words.hidden = true;
    this.element.classList.remove("stale");
  }

  #stale(words) {
    if (this.#live === "playing") return;
    this.element.classList.add("stale");
    say(this.words, this.image.hidden ? words : `Last frame. ${words}`);
    this.words.hidden = false;
  }

  #whyNone() {
    const { status } = this.#camera;
    return status === "online" ? "Waiting for the first frame" : (STATES[status] ?? [status])[0];
  }
}
