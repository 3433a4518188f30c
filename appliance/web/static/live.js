// Live video: fragments over a WebSocket into the browser's own player (Media Source Extensions), about as fast
// as the camera sends them. What it cannot play is left to whoever shows single pictures instead.

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;
const CANNOT_PLAY_WAIT_MS = 60000;
const LOOK_EVERY_MS = 500;
const FROZEN_MS = 4000;

const HEADER_BYTES = 9;
const IS_KEYFRAME = 1;

// How far behind the newest picture is aimed at, in seconds: this much, and one and a half pictures.
const CUSHION_S = 0.15;
const TOO_FAR_S = 0.8;
const KEEP_S = 10;
const TRIM_EVERY_S = 20;
const MOST_WAITING_BYTES = 32 * 2 ** 20;
const APPEND_BYTES = 2 ** 20;

const Media = self.ManagedMediaSource ?? self.MediaSource;

/** Whether this browser can play anything at all in this way. */
export const canPlayLive = Media !== undefined && "WebSocket" in self;

/**
 * Plays one stream of one camera in a `<video>`, and connects again whenever it breaks.
 *
 * `on.state(word, reason)` is told `connecting`, `playing` or `jpeg` (nothing can be played, and why);
 * `on.frame(wallUs)` of each picture as it is shown, with the time at which it was taken; `on.closing()` just before
 * the last one goes.
 */
export class LivePlayer {
  #video;
  #path;
  #on;
  #wanted = false;
  #state = "";
  #socket = null;
  #failures = 0;
  #timer = 0;
  #watch = 0;
  #source = null;
  #buffer = null;
  #tracks = 0;
  #queue = [];
  #waiting = 0;
  #awaitsInit = false;
  #baseUs = 0;
  #offset = 0;
  #newest = 0;
  #interval = 0.07;
  #placed = false;
  #shownAt = 0;

  constructor(video, path, on) {
    this.#video = video;
    this.#path = path;
    this.#on = on;
    Object.assign(video, { playsInline: true, disableRemotePlayback: true, controls: false });
    video.addEventListener("error", () => this.#wanted && this.#source !== null && this.#again("The video could not be played"));
  }

  start() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#failures = 0;
    this.#watch = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#connect();
  }

  /** Let go of everything: the connection, the buffers and the decoder. */
  stop() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#hangUp();
    this.#close();
    this.#state = "";
  }

  #say(state, reason = "") {
    if (this.#state === `${state} ${reason}`) return;
    this.#state = `${state} ${reason}`;
    this.#on.state(state, reason);
  }

  // The connection

  #connect() {
    clearTimeout(this.#timer);
    this.#hangUp();
    this.#say("connecting");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1${this.#path}`);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => this.#socket === socket && this.#heard(data));
    socket.addEventListener("close", () => this.#socket === socket && this.#again("Live video is not to be had at the moment"));
    this.#socket = socket;
  }

  #hangUp() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** Begin anew after a while; until then single pictures have to do. */
  #again(reason, wait = 0) {
    this.#hangUp();
    this.#close();
    this.#say("jpeg", reason);
    const step = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LONGEST_WAIT_MS);
    this.#failures += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), wait || step / 2 + (Math.random() * step) / 2);
  }

  #heard(data) {
    if (typeof data === "string") this.#told(JSON.parse(data));
    else if (this.#awaitsInit) this.#take(data, 0);
    else this.#picture(data);
  }

  #told(said) {
    if (said.type === "stream") this.#begin(said);
    else if (said.type === "state") {
      this.#close();
      this.#say("jpeg", said.reason || said.state);
    }
  }

  #picture(data) {
    const wallUs = Number(new DataView(data).getBigInt64(1));
    const at = (wallUs - this.#baseUs) / 1e6;
    const step = at - this.#newest;
    if (step > 0 && step < 2) this.#interval += (step - this.#interval) / 8;
    this.#newest = new Uint8Array(data, 0, 1)[0] & IS_KEYFRAME ? at : Math.max(at, this.#newest);
    this.#take(data, HEADER_BYTES);
  }

  // The player

  #begin({ mime, base_us: baseUs }) {
    // A player takes another codec, but not one track more or less.
    if (this.#tracks !== mime.split(",").length) this.#close();
    if (!Media.isTypeSupported(mime)) {
      this.#again("This browser cannot play the camera’s video", CANNOT_PLAY_WAIT_MS);
      return;
    }
    this.#awaitsInit = true;
    if (this.#source === null) this.#open(mime, baseUs);
    // Positions go on from the first base, so that the picture stays until the first new one is there.
    else this.#queue.push({ mime, offset: (baseUs - this.#baseUs) / 1e6 });
  }

  #open(mime, baseUs) {
    const source = new Media();
    this.#source = source;
    this.#tracks = mime.split(",").length;
    this.#baseUs = baseUs;
    const url = URL.createObjectURL(source);
    source.addEventListener("sourceopen", () => {
      URL.revokeObjectURL(url);
      if (this.#source !== source) return;
      source.duration = Infinity;
      this.#buffer = source.addSourceBuffer(mime);
      this.#buffer.addEventListener("updateend", () => this.#source === source && this.#updated());
      this.#pump();
    }, { once: true });
    this.#video.src = url;
    this.#awaitFrame(source);
  }

  #close() {
    if (this.#source === null) return;
    this.#on.closing();
    this.#source = this.#buffer = null;
    this.#queue = [];
    this.#waiting = this.#newest = 0;
    this.#placed = this.#awaitsInit = false;
    this.#video.pause();
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  #take(data, from) {
    this.#awaitsInit = false;
    if (this.#source === null) return;
    this.#queue.push({ data: new Uint8Array(data, from) });
    this.#waiting += data.byteLength;
    if (this.#waiting > MOST_WAITING_BYTES) this.#again("The video comes faster than this browser plays it");
    else this.#pump();
  }

  #pump() {
    const buffer = this.#buffer;
    if (buffer === null || buffer.updating || this.#source.readyState !== "open") return;
    try {
      while (this.#queue.length > 0 && this.#queue[0].mime !== undefined) {
        const { mime, offset } = this.#queue.shift();
        buffer.abort();
        buffer.changeType(mime);
        buffer.timestampOffset = offset;
      }
      if (this.#queue.length > 0) buffer.appendBuffer(this.#portion());
    } catch (error) {
      this.#again(`The video could not be played (${error.name})`);
    }
  }

  /** All that waits up to the next change of the stream, within bounds, in one piece. */
  #portion() {
    const parts = [];
    let size = 0;
    while (this.#queue.length > 0 && this.#queue[0].data !== undefined && size < APPEND_BYTES) {
      parts.push(this.#queue.shift().data);
      size += parts.at(-1).byteLength;
    }
    this.#waiting = Math.max(0, this.#waiting - size);
    if (parts.length === 1) return parts[0];
    const whole = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.byteLength;
    }
    return whole;
  }

  #updated() {
    this.#steer();
    if (this.#source !== null && !this.#buffer.updating) this.#pump();
  }

  /** Stay a little behind the newest picture: by the speed, or by a jump where it is too far off. */
  #steer() {
    const { buffered } = this.#buffer;
    if (buffered.length === 0) return;
    const video = this.#video;
    const begin = buffered.start(buffered.length - 1);
    const aim = CUSHION_S + 1.5 * this.#interval;
    // Sound may be there later than the pictures of its time.
    const newest = Math.min(this.#newest, buffered.end(buffered.length - 1));
    const off = newest - video.currentTime - aim;
    const outside = video.currentTime < begin || off < -aim - TOO_FAR_S;
    if (!this.#placed || ((outside || off > TOO_FAR_S) && !video.seeking)) {
      this.#placed = true;
      video.currentTime = Math.max(begin, newest - aim);
      video.playbackRate = 1;
    } else {
      const rate = 1 + Math.min(0.15, Math.max(-0.1, Math.round(off * 5) / 20));
      if (rate !== video.playbackRate) video.playbackRate = rate;
    }
    if (video.paused) video.play().catch(() => {});
    this.#trim(buffered.start(0));
  }

  #trim(begin) {
    const until = this.#video.currentTime - KEEP_S;
    if (until - begin > TRIM_EVERY_S - KEEP_S && !this.#buffer.updating) this.#buffer.remove(0, until);
  }

  // What is shown

  #awaitFrame(source) {
    const shown = (mediaTime) => {
      if (this.#source !== source) return;
      this.#shownAt = performance.now();
      this.#failures = 0;
      this.#say("playing");
      this.#on.frame(Math.round(this.#baseUs + mediaTime * 1e6));
      this.#awaitFrame(source);
    };
    const video = this.#video;
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback((_now, { mediaTime }) => shown(mediaTime));
    else video.addEventListener("timeupdate", () => shown(video.currentTime), { once: true });
  }

  #look() {
    if (this.#state.startsWith("playing") && performance.now() - this.#shownAt > FROZEN_MS) this.#say("jpeg", "The video stands still");
  }
}
