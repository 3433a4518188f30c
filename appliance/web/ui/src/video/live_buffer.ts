// Live video in the browser's own player: fragments into a MediaSource, shown a little behind the newest picture.

const HEADER_BYTES = 9;
const IS_KEYFRAME = 1;

// How far behind the newest picture is aimed at, in seconds: this much, and one and a half pictures.
const CUSHION_S = 0.15;
const TOO_FAR_S = 0.8;
const KEEP_S = 10;
const TRIM_EVERY_S = 20;
const MOST_WAITING_BYTES = 32 * 2 ** 20;
const APPEND_BYTES = 2 ** 20;

// Safari on the iPhone has only the managed one.
const Media =
  (globalThis as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource ?? globalThis.MediaSource;

/** Whether this browser can play anything at all in this way. */
export const canPlayLive = Media !== undefined && "WebSocket" in globalThis;

/** What begins a stream, as the box says it. */
export interface LiveStream {
  type: "stream";
  mime: string;
  base_us: number;
}

/** Who is told: of each picture as it is shown, that the last one goes, and that it cannot go on. */
export interface BufferListener {
  frame(wallMs: number): void;
  closing(): void;
  failed(reason: string): void;
}

type Waiting =
  | { kind: "data"; data: Uint8Array<ArrayBuffer> }
  | { kind: "change"; mime: string; offset: number };

/** Plays one stream after the other in a `<video>`; each picture keeps the time at which it was taken. */
export class LiveBuffer {
  #source: MediaSource | null = null;
  #buffer: SourceBuffer | null = null;
  #tracks = 0;
  #queue: Waiting[] = [];
  #waitingBytes = 0;
  #awaitsInit = false;
  #baseUs = 0;
  #newestS = 0;
  #intervalS = 0.07;
  #isPlaced = false;
  /** How much further behind to stay, so that what is found in a picture is known when it is shown. */
  extraS = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly on: BufferListener,
  ) {}

  /** When the newest picture that has come was taken; null before the first. */
  get newestWallMs(): number | null {
    return this.#newestS === 0 ? null : this.#baseUs / 1000 + this.#newestS * 1000;
  }

  get isOpen(): boolean {
    return this.#source !== null;
  }

  /** A stream begins, or goes on with another codec or size; returns whether this browser can play it. */
  begin({ mime, base_us: baseUs }: LiveStream): boolean {
    const tracks = mime.split(",").length;
    // A player takes another codec, but not one track more or less.
    if (this.#tracks !== tracks) this.close();
    if (Media === undefined || !Media.isTypeSupported(mime)) return false;
    this.#awaitsInit = true;
    // Positions go on from the first base, so that the picture stays until the first new one is there.
    if (this.#source !== null)
      this.#queue.push({ kind: "change", mime, offset: (baseUs - this.#baseUs) / 1e6 });
    else this.#open(new Media(), mime, tracks, baseUs);
    return true;
  }

  /** A binary message: first the init segment, then a picture each; returns when that was taken. */
  take(data: ArrayBuffer): number | null {
    if (!this.#awaitsInit) return this.#picture(data);
    this.#append(data, 0);
    return null;
  }

  close(): void {
    if (this.#source === null) return;
    this.on.closing();
    this.#source = this.#buffer = null;
    this.#queue = [];
    this.#waitingBytes = this.#newestS = 0;
    this.#isPlaced = this.#awaitsInit = false;
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  #open(source: MediaSource, mime: string, tracks: number, baseUs: number): void {
    this.#source = source;
    this.#tracks = tracks;
    this.#baseUs = baseUs;
    const url = URL.createObjectURL(source);
    const opened = () => {
      URL.revokeObjectURL(url);
      if (this.#source !== source) return;
      source.duration = Number.POSITIVE_INFINITY;
      this.#buffer = source.addSourceBuffer(mime);
      this.#buffer.addEventListener("updateend", () => this.#source === source && this.#updated());
      this.#pump();
    };
    source.addEventListener("sourceopen", opened, { once: true });
    this.video.src = url;
    this.#awaitFrame(source);
  }

  #picture(data: ArrayBuffer): number | null {
    if (data.byteLength <= HEADER_BYTES) return null;
    const view = new DataView(data);
    const wallUs = Number(view.getBigInt64(1));
    const at = (wallUs - this.#baseUs) / 1e6;
    const step = at - this.#newestS;
    if (step > 0 && step < 2) this.#intervalS += (step - this.#intervalS) / 8;
    this.#newestS = view.getUint8(0) & IS_KEYFRAME ? at : Math.max(at, this.#newestS);
    this.#append(data, HEADER_BYTES);
    return wallUs / 1000;
  }

  #append(data: ArrayBuffer, from: number): void {
    this.#awaitsInit = false;
    if (this.#source === null) return;
    this.#queue.push({ kind: "data", data: new Uint8Array(data, from) });
    this.#waitingBytes += data.byteLength;
    if (this.#waitingBytes > MOST_WAITING_BYTES)
      this.on.failed("The video comes faster than this browser plays it");
    else this.#pump();
  }

  #pump(): void {
    const buffer = this.#buffer;
    if (buffer === null || buffer.updating || this.#source?.readyState !== "open") return;
    try {
      for (let next = this.#queue[0]; next?.kind === "change"; next = this.#queue[0]) {
        this.#queue.shift();
        buffer.abort();
        buffer.changeType(next.mime);
        buffer.timestampOffset = next.offset;
      }
      if (this.#queue.length > 0) buffer.appendBuffer(this.#portion());
    } catch (error) {
      this.on.failed(`The video could not be played (${error instanceof Error ? error.name : error})`);
    }
  }

  /** All that waits up to the next change of the stream, within bounds, in one piece. */
  #portion(): Uint8Array<ArrayBuffer> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    for (let next = this.#queue[0]; next?.kind === "data" && size < APPEND_BYTES; next = this.#queue[0]) {
      parts.push(next.data);
      size += next.data.byteLength;
      this.#queue.shift();
    }
    this.#waitingBytes = Math.max(0, this.#waitingBytes - size);
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : joined(parts, size);
  }

  #updated(): void {
    this.#steer();
    if (this.#buffer !== null && !this.#buffer.updating) this.#pump();
  }

  /** Stay a little behind the newest picture: by the speed, or by a jump where it is too far off. */
  #steer(): void {
    const { video } = this;
    const buffered = this.#buffer?.buffered;
    if (buffered === undefined || buffered.length === 0) return;
    const begin = buffered.start(buffered.length - 1);
    const aim = CUSHION_S + 1.5 * this.#intervalS + this.extraS;
    // Sound may be there later than the pictures of its time.
    const newest = Math.min(this.#newestS, buffered.end(buffered.length - 1));
    const off = newest - video.currentTime - aim;
    const isOutside = video.currentTime < begin || off < -aim - TOO_FAR_S;
    if (!this.#isPlaced || ((isOutside || off > TOO_FAR_S) && !video.seeking)) {
      this.#isPlaced = true;
      video.currentTime = Math.max(begin, newest - aim);
      video.playbackRate = 1;
    } else {
      const rate = 1 + Math.min(0.15, Math.max(-0.1, Math.round(off * 5) / 20));
      if (rate !== video.playbackRate) video.playbackRate = rate;
    }
    if (video.paused) video.play().catch(() => {});
    this.#trim(buffered.start(0));
  }

  #trim(begin: number): void {
    const until = this.video.currentTime - KEEP_S;
    if (until - begin > TRIM_EVERY_S - KEEP_S && this.#buffer?.updating === false)
      this.#buffer.remove(0, until);
  }

  #awaitFrame(source: MediaSource): void {
    const { video } = this;
    const shown = (mediaTime: number) => {
      if (this.#source !== source) return;
      this.on.frame((this.#baseUs + mediaTime * 1e6) / 1000);
      this.#awaitFrame(source);
    };
    if ("requestVideoFrameCallback" in video)
      video.requestVideoFrameCallback((_now, { mediaTime }) => shown(mediaTime));
    else {
      const old = video as HTMLVideoElement;
      old.addEventListener("timeupdate", () => shown(old.currentTime), { once: true });
    }
  }
}

function joined(parts: readonly Uint8Array<ArrayBuffer>[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
