// Live video of a camera over a WebSocket of its own, connected again whenever it breaks. What this browser cannot
// play is left to whoever shows single pictures instead.

import { LiveBuffer, type LiveStream } from "./live_buffer";
import { inTurn } from "./turns";

// A tile that has lost its video has it back within five seconds of the cause being gone.
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 3000;
const CANNOT_PLAY_WAIT_MS = 60_000;
const LOOK_EVERY_MS = 500;
const FROZEN_MS = 4000;
// The box waits for the camera's next keyframe, which some send rarely.
const ANSWER_WITHIN_MS = 15_000;
const LONG_BEGINNING_MS = 5000;
// With which the box closes the connection when the camera is deleted.
const NO_SUCH_CAMERA = 4404;

/** `jpeg`: nothing can be played at the moment, and single pictures have to do. */
export type LiveState = "connecting" | "playing" | "jpeg";

/**
 * Who is told: how it is doing and why, each picture as it comes and as it is shown, that the connection is too slow
 * for it, that the last picture is about to go, and that there is no such camera any more.
 */
export interface LiveListener {
  state(state: LiveState, reason: string): void;
  arrived(wallMs: number): void;
  frame(wallMs: number): void;
  behind(): void;
  closing(): void;
  gone(): void;
}

type Said =
  | LiveStream
  | { type: "state"; state: string; reason: string }
  | { type: "behind"; skipped: number };

/** Plays one stream of one camera in a `<video>`. */
export class LivePlayer {
  readonly #buffer: LiveBuffer;
  readonly #ended = new AbortController();
  #isWanted = false;
  #state: LiveState | null = null;
  #reason = "";
  #socket: WebSocket | null = null;
  #leaveLine: (() => void) | null = null;
  #failures = 0;
  #timer = 0;
  #watch = 0;
  #since = 0;
  #isSlowToBegin = false;

  constructor(
    video: HTMLVideoElement,
    private readonly path: string,
    private readonly on: LiveListener,
  ) {
    Object.assign(video, { playsInline: true, disableRemotePlayback: true, controls: false });
    this.#buffer = new LiveBuffer(video, {
      frame: (wallMs) => this.#shown(wallMs),
      closing: () => on.closing(),
      failed: (reason) => this.#again(reason),
    });
    const failed = () =>
      this.#isWanted && this.#buffer.isOpen && this.#again("The video could not be played");
    video.addEventListener("error", failed, { signal: this.#ended.signal });
  }

  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#failures = 0;
    this.#watch = window.setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#connect();
  }

  /** Try at once where it waits for its next attempt: the box answers again. */
  retry(): void {
    if (this.#isWanted && this.#socket === null && this.#leaveLine === null) this.#connect();
  }

  /** When the newest picture that has come was taken; null while there is none. */
  get newestWallMs(): number | null {
    return this.#buffer.newestWallMs;
  }

  /** Stay this much further behind than need be. */
  stayBehind(extraS: number): void {
    this.#buffer.extraS = extraS;
  }

  /** Let go of everything: the connection, the buffers and the decoder. */
  stop(): void {
    this.#isWanted = false;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#hangUp();
    this.#buffer.close();
    this.#state = null;
  }

  /** Stop for good. */
  end(): void {
    this.stop();
    this.#ended.abort();
  }

  #say(state: LiveState, reason = ""): void {
    if (this.#state === state && this.#reason === reason) return;
    [this.#state, this.#reason] = [state, reason];
    this.on.state(state, reason);
  }

  #connect(): void {
    clearTimeout(this.#timer);
    this.#hangUp();
    this.#since = performance.now();
    this.#isSlowToBegin = false;
    this.#say("connecting");
    this.#leaveLine = inTurn((done) => this.#dial(done));
  }

  #dial(done: () => void): void {
    this.#leaveLine = null;
    this.#since = performance.now();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1${this.path}`);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", done);
    socket.addEventListener("message", ({ data }) => this.#socket === socket && this.#heard(data));
    socket.addEventListener("close", ({ code }) => {
      done();
      if (this.#socket !== socket) return;
      if (code === NO_SUCH_CAMERA) this.on.gone();
      else this.#again("Live video is not to be had at the moment");
    });
    this.#socket = socket;
  }

  #hangUp(): void {
    this.#leaveLine?.();
    this.#leaveLine = null;
    const socket = this.#socket;
    this.#socket = null;
    // One that is closed before it is open is complained of on the console.
    if (socket?.readyState === WebSocket.CONNECTING) socket.addEventListener("open", () => socket.close());
    else socket?.close();
  }

  /** Begin anew after a while; until then single pictures have to do. */
  #again(reason: string, waitMs?: number): void {
    this.#hangUp();
    this.#buffer.close();
    this.#say("jpeg", reason);
    const step = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LONGEST_WAIT_MS);
    this.#failures += 1;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#connect(), waitMs ?? step / 2 + (Math.random() * step) / 2);
  }

  #heard(data: string | ArrayBuffer): void {
    if (typeof data === "string") this.#told(JSON.parse(data));
    else {
      const wallMs = this.#buffer.take(data);
      if (wallMs !== null) this.on.arrived(wallMs);
    }
  }

  #told(said: Said): void {
    if (said.type === "stream") {
      this.#since = performance.now();
      if (!this.#buffer.begin(said))
        this.#again("This browser cannot play the camera’s video", CANNOT_PLAY_WAIT_MS);
      else if (this.#state === "jpeg") this.#say("connecting");
    } else if (said.type === "state") {
      this.#buffer.close();
      this.#say("jpeg", said.reason || said.state);
    } else if (said.type === "behind") this.on.behind();
  }

  #shown(wallMs: number): void {
    this.#since = performance.now();
    this.#failures = 0;
    this.#say("playing");
    this.on.frame(wallMs);
  }

  // A connection whose other end has vanished says nothing of it for minutes; a decoder may get stuck as well.
  #look(): void {
    const silentMs = performance.now() - this.#since;
    if (this.#state === "playing" && silentMs > FROZEN_MS) {
      this.on.behind();
      this.#again("The video stands still");
    } else if (this.#state === "connecting" && silentMs > LONG_BEGINNING_MS) {
      // One slow beginning tells as much as one hiccup, however long it takes.
      if (!this.#isSlowToBegin) this.on.behind();
      this.#isSlowToBegin = true;
      if (silentMs > ANSWER_WITHIN_MS) this.#again("The video does not begin");
    }
  }
}
