// Playing footage: reads a playlist, appends byte ranges to Media Source Extensions, and closes up the gaps.
// What plays has positions that begin at 0; each run of them knows which wall time it shows.

const AHEAD_S = 20;
const BEHIND_S = 30;
const RETRY_MS = 2000;
const LONGEST_HOLE_S = 1;
// Times are told in milliseconds: a keyframe that were a little before 0 would be thrown away with its GOP.
const BEGIN_S = 0.1;

/** Read a media playlist of Nightjar: its files, each with its init, its codecs and its pieces. */
export function readPlaylist(text, base) {
  const files = [];
  let file = null;
  let piece = {};
  let ended = false;
  let startAtS = 0;
  for (const line of text.split("\n")) {
    const [tag, value] = parted(line);
    if (tag === "#EXT-X-DATERANGE") file = { startMs: Number(attribute(value, "X-START-US")) / 1000, codecs: attribute(value, "X-CODECS"), pieces: [] };
    else if (tag === "#EXT-X-MAP") {
      Object.assign(file, { url: new URL(attribute(value, "URI"), base).href, initSize: Number(attribute(value, "BYTERANGE").split("@")[0]) });
      files.push(file);
    } else if (tag === "#EXT-X-START") startAtS = Number(attribute(value, "TIME-OFFSET"));
    else if (tag === "#EXT-X-PROGRAM-DATE-TIME") piece = { startMs: Date.parse(value) };
    else if (tag === "#EXTINF") piece.seconds = parseFloat(value);
    else if (tag === "#EXT-X-BYTERANGE") [piece.size, piece.offset] = value.split("@").map(Number);
    else if (tag === "#EXT-X-ENDLIST") ended = true;
    else if (line !== "" && !line.startsWith("#")) file.pieces.push(piece);
  }
  return { files, ended, startAtS };
}

function parted(line) {
  const colon = line.indexOf(":");
  return line.startsWith("#") && colon > 0 ? [line.slice(0, colon), line.slice(colon + 1)] : [line, ""];
}

function attribute(list, name) {
  const found = new RegExp(`(?:^|,)${name}=(?:"([^"]*)"|([^,]*))`).exec(list);
  return found === null ? "" : found[1] ?? found[2];
}

const mimeOf = (codecs) => `video/mp4; codecs="${codecs}"`;

/** Whether this browser plays these codecs. */
export function canPlay(codecs) {
  return "MediaSource" in window && MediaSource.isTypeSupported(mimeOf(codecs));
}

/** Plays into a `<video>`. `on` has `time(wallMs)`, `state(word, text)`, and `more(wallMs, grows)`, see `open`. */
export class Player {
  #video;
  #on;
  #run = null;

  constructor(video, on) {
    this.#video = video;
    this.#on = on;
    const tick = (position) => {
      const wallMs = this.#run?.wallAt(position) ?? null;
      if (wallMs !== null) this.#on.time(wallMs);
    };
    const onFrame = (_now, frame) => {
      tick(frame.mediaTime);
      video.requestVideoFrameCallback(onFrame);
    };
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(onFrame);
    else video.addEventListener("timeupdate", () => tick(video.currentTime));
    video.addEventListener("timeupdate", () => this.#run?.pump());
    video.addEventListener("seeking", () => this.#run?.pump());
    video.addEventListener("waiting", () => {
      this.#on.state("waiting", "");
      this.#run?.pump();
    });
    video.addEventListener("playing", () => this.#on.state("playing", ""));
    video.addEventListener("error", () => this.#run !== null && this.#on.state("failed", "The browser cannot play this."));
  }

  /** The wall time of the picture that is shown, or null. */
  get wallMs() {
    return this.#run?.wallAt(this.#video.currentTime) ?? null;
  }

  /**
   * Play a playlist from its start. When it is through, `on.more(wallMs, grows)` is asked for the address of
   * the next one from there on, or of the same one if it grows: null means that there is none, undefined that it
   * is to be asked again a little later.
   */
  open(url) {
    this.close();
    this.#run = new Run(this.#video, this.#on, url);
  }

  /** Go to a wall time if it is in what is known of; false when it is not. */
  seek(wallMs) {
    const position = this.#run?.positionOf(wallMs) ?? null;
    if (position === null) return false;
    this.#video.currentTime = position;
    return true;
  }

  close() {
    this.#run?.close();
    this.#run = null;
  }
}

/** One source of a video element, from `open` to `close`. */
class Run {
  #video;
  #on;
  #source = new MediaSource();
  #buffer = null;
  #address;
  #stop = new AbortController();
  #pieces = []; // { file, offset, size, startMs, seconds, position }
  #next = 0;
  #file = null; // whose init was appended last
  #nextUrl;
  #asked = false;
  #grows = false;
  #busy = false;
  #timer = 0;
  #closed = false;

  constructor(video, on, url) {
    this.#video = video;
    this.#on = on;
    this.#nextUrl = url;
    this.#address = URL.createObjectURL(this.#source);
    this.#source.addEventListener("sourceopen", () => this.pump(), { once: true });
    video.src = this.#address;
    on.state("waiting", "");
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#stop.abort();
    this.#video.removeAttribute("src");
    this.#video.load();
    URL.revokeObjectURL(this.#address);
  }

  wallAt(position) {
    const piece = this.#pieces.findLast((one) => one.position <= position + 0.001);
    return piece === undefined ? null : piece.startMs + Math.min(position - piece.position, piece.seconds) * 1000;
  }

  positionOf(wallMs) {
    const piece = this.#pieces.find((one) => wallMs >= one.startMs && wallMs < one.startMs + one.seconds * 1000);
    return piece === undefined ? null : piece.position + (wallMs - piece.startMs) / 1000;
  }

  /** Fetch and append what is needed next, one thing after the other. */
  async pump() {
    if (this.#busy || this.#closed || this.#source.readyState === "closed") return;
    this.#busy = true;
    try {
      while (!this.#closed && (await this.#step()));
    } catch (error) {
      if (!this.#closed) this.#later(error);
    } finally {
      this.#busy = false;
    }
  }

  #later(error) {
    if (error.permanent) {
      this.#on.state("failed", error.message);
      return;
    }
    this.#on.state("waiting", error.message);
    this.#again();
  }

  #again() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.pump(), RETRY_MS);
  }

  async #step() {
    this.#aim();
    this.#jump();
    if (this.#next >= this.#pieces.length) return this.#extend();
    if (this.#pieces[this.#next].position > this.#video.currentTime + AHEAD_S) return false;
    await this.#append(this.#pieces[this.#next]);
    this.#next += 1;
    return true;
  }

  // After a seek the next piece is the one that is looked at, unless it is there already.
  #aim() {
    const at = this.#video.currentTime;
    const wanted = this.#pieces.findIndex((one) => at >= one.position - 0.001 && at < one.position + one.seconds);
    if (wanted < 0) return;
    let index = wanted;
    while (index < this.#pieces.length && this.#has(this.#pieces[index])) index += 1;
    this.#next = index;
  }

  // Sound that ends before its pictures leaves a hole of some milliseconds, at which a browser stops.
  #jump() {
    const [at, ranges] = [this.#video.currentTime, this.#buffer?.buffered];
    const piece = this.#pieces.find((one) => at >= one.position && at < one.position + one.seconds);
    if (piece === undefined || this.#video.readyState > HTMLMediaElement.HAVE_CURRENT_DATA || !this.#has(piece)) return;
    for (let i = 0; i < ranges.length; i += 1) {
      if (ranges.start(i) > at && (piece.isLost || ranges.start(i) - at < LONGEST_HOLE_S)) {
        this.#video.currentTime = ranges.start(i) + 0.001;
        return;
      }
    }
  }

  #has(piece) {
    if (piece.isLost) return true;
    if (this.#buffer === null) return false;
    const middle = piece.position + piece.seconds / 2;
    const ranges = this.#buffer.buffered;
    for (let i = 0; i < ranges.length; i += 1) if (ranges.start(i) <= middle && middle < ranges.end(i)) return true;
    return false;
  }

  async #extend() {
    const last = this.#pieces.at(-1);
    if (this.#asked) {
      const more = this.#on.more(last === undefined ? null : last.startMs + last.seconds * 1000, this.#grows);
      if (more === null) {
        if (this.#source.readyState === "open" && last !== undefined) this.#source.endOfStream();
        if (last === undefined) this.#on.state("empty", "Nothing was recorded here.");
        return false;
      }
      if (more === undefined) {
        this.#again();
        return false;
      }
      this.#nextUrl = more;
    }
    const url = new URL(this.#nextUrl, location.href);
    const response = await fetch(url, { signal: this.#stop.signal });
    if (!response.ok) throw await problemOf(response);
    const list = readPlaylist(await response.text(), url);
    const before = this.#pieces.length;
    for (const file of list.files) this.#add(file);
    if (!this.#asked && this.#pieces.length > 0) this.#video.currentTime = BEGIN_S + list.startAtS;
    this.#asked = true;
    this.#grows = !list.ended;
    if (this.#pieces.length > before) return true;
    if (list.ended && this.#pieces.length === 0) return this.#extend();
    this.#again();
    return false;
  }

  #add(file) {
    for (const piece of file.pieces) {
      const last = this.#pieces.at(-1);
      if (last !== undefined && piece.startMs < last.startMs + last.seconds * 500) continue;
      const position = last === undefined ? BEGIN_S : last.position + last.seconds;
      // Where a gap was closed up, or the run begins within a file, its positions are moved.
      file.offset ??= position - (piece.startMs - file.startMs) / 1000;
      this.#pieces.push({ ...piece, file, position });
    }
  }

  async #append(piece) {
    const { file } = piece;
    if (this.#file !== file) await this.#begin(file);
    const data = await this.#fetch(file.url, piece.offset, piece.size);
    this.#buffer.timestampOffset = file.offset;
    await this.#put(data);
    // What the browser makes nothing of is not fetched again and again.
    piece.isLost = !this.#has(piece);
    await this.#forget();
  }

  async #begin(file) {
    const mime = mimeOf(file.codecs);
    if (!MediaSource.isTypeSupported(mime)) throw permanent(`This browser cannot play ${file.codecs}. Export it, and play it elsewhere.`);
    if (this.#buffer === null) this.#buffer = this.#source.addSourceBuffer(mime);
    else if (this.#file.codecs !== file.codecs) this.#buffer.changeType(mime);
    await this.#put(await this.#fetch(file.url, 0, file.initSize));
    this.#file = file;
  }

  async #fetch(url, offset, size) {
    const response = await fetch(url, { headers: { Range: `bytes=${offset}-${offset + size - 1}` }, signal: this.#stop.signal });
    if (response.status === 404) throw permanent("This footage is not there any more.");
    if (!response.ok) throw await problemOf(response);
    return response.arrayBuffer();
  }

  #put(data) {
    return this.#updated(() => this.#buffer.appendBuffer(data));
  }

  async #forget() {
    const until = this.#video.currentTime - BEHIND_S;
    if (until > BEHIND_S && this.#buffer.buffered.length > 0 && this.#buffer.buffered.start(0) < until - BEHIND_S) {
      await this.#updated(() => this.#buffer.remove(0, until));
    }
  }

  #updated(work) {
    const done = new AbortController();
    const once = { once: true, signal: done.signal };
    return new Promise((resolve, reject) => {
      this.#buffer.addEventListener("error", () => reject(permanent("The browser cannot decode this footage.")), once);
      this.#buffer.addEventListener("updateend", resolve, once);
      work();
    }).finally(() => done.abort());
  }
}

function permanent(text) {
  return Object.assign(new Error(text), { permanent: true });
}

async function problemOf(response) {
  let text = `Nightjar answered with status ${response.status}.`;
  try {
    text = (await response.json()).detail || text;
  } catch {
    // The status says enough.
  }
  return response.status === 503 ? new Error(text) : permanent(text);
}
