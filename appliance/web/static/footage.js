// Looking back: the footage of one camera, day by day, with its timeline, its player and its exports.

import { get, picture } from "./api.js";
import { make, say } from "./elements.js";
import { Exports } from "./exports.js";
import { Player } from "./player.js";
import { clock, Timeline, wordsOf } from "./timeline.js";

const WINDOW_MS = 600_000;
const EVENT_SPAN_MS = 600_000;
const TIMELINE_EVERY_MS = 10_000;
const EDGE_MS = 60_000;
const SLACK_MS = 500;
const FIRST_LOOK_BACK_MS = 20_000;
const SPEEDS = [1, 2, 4, 8];

const iso = (ms) => new Date(ms).toISOString();
// Days have 23 to 25 hours: the next one begins where the calendar says.
const dayAfter = (ms, days = 1) => new Date(new Date(ms).setDate(new Date(ms).getDate() + days)).setHours(0, 0, 0, 0);
const dayOf = (ms) => new Date(ms).setHours(0, 0, 0, 0);
const pad = (number) => String(number).padStart(2, "0");

function dateField(ms) {
  const at = new Date(ms);
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

function timeField(ms) {
  const at = new Date(ms);
  return `${dateField(ms)}T${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}

/** The dialog; made once, opened for a camera at a time, or for an event. */
export class Footage {
  #camera = null;
  #event = null;
  #dayMs = 0;
  #endMs = 0;
  #timer = 0;
  #isMarked = false;
  #looking = null;
  #wantedPreview = null;
  #previewUrl = null;

  constructor(nameOf) {
    this.nameOf = nameOf;
    this.exports = new Exports(nameOf);
    this.timeline = new Timeline({ seek: (ms) => this.seek(ms), hover: (ms, interval, ratio) => this.#hover(ms, interval, ratio) });
    this.#make();
    this.player = new Player(this.video, {
      time: (ms) => this.#at(ms),
      state: (word, text) => this.#tell(word, text),
      more: (ms, grows) => this.#more(ms, grows),
    });
  }

  /** Open it for a camera: at a time, or at what was recorded last. */
  async open(cameraId, atMs = null) {
    this.#camera = cameraId;
    this.#event = null;
    say(this.title, this.nameOf(cameraId));
    if (!this.dialog.open) this.dialog.showModal();
    this.exports.show();
    await this.#showDay(dayOf(atMs ?? Date.now()));
    const last = this.timeline.lastRecorded;
    if (atMs === null && last === null) this.#tell("empty", "Nothing was recorded on this day.");
    else this.seek(atMs ?? last - FIRST_LOOK_BACK_MS);
  }

  /** Open it for an event, and play its clip. */
  async openEvent(event) {
    const startMs = Date.parse(event.started_at);
    this.#camera = event.camera_id;
    this.#event = event;
    say(this.title, `${this.nameOf(event.camera_id)}: ${event.summary || event.label}`);
    if (!this.dialog.open) this.dialog.showModal();
    this.exports.show();
    await this.#showDay(dayOf(startMs));
    if (!this.dialog.open || this.#event !== event) return;
    this.timeline.zoomTo(EVENT_SPAN_MS);
    this.#mark(startMs - 5000, Date.parse(event.last_seen_at) + 5000);
    this.timeline.at(startMs);
    this.#play(this.#clip);
  }

  seek(ms) {
    // It may have been closed while its day was loading.
    if (!this.dialog.open) return;
    this.#event = null;
    say(this.title, this.nameOf(this.#camera));
    const at = this.timeline.recordedFrom(ms);
    this.timeline.at(at ?? ms);
    if (at === null) {
      this.player.close();
      this.#tell("empty", wordsOf(this.timeline.intervalAt(ms)));
    } else if (!this.player.seek(at)) {
      this.#play(this.#address(at));
    }
  }

  #make() {
    this.title = make("h2", { id: "footage-title" });
    const close = make("button", { type: "button", className: "small", textContent: "Close" });
    this.video = make("video", { muted: true, playsInline: true, autoplay: true });
    this.video.setAttribute("aria-label", "Footage");
    this.words = make("p", { className: "stage-words", aria: { live: "polite" } });
    this.wall = make("p", { className: "wall" });
    this.preview = make("img", { alt: "" });
    this.previewWords = make("p");
    this.bubble = make("div", { className: "bubble", hidden: true }, this.preview, this.previewWords);
    this.stage = make("div", { className: "stage" }, this.video, this.words, this.wall);
    this.dialog = make(
      "dialog",
      { className: "footage", aria: { labelledby: "footage-title" } },
      make("div", { className: "section-head" }, this.title, close),
      this.stage,
      this.#makeControls(),
      make("div", { className: "bar" }, this.bubble, this.timeline.element),
      this.#makeExport(),
    );
    close.addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.#closed());
    document.body.append(this.dialog);
  }

  #makeControls() {
    const button = (text, label, act) => {
      const made = make("button", { type: "button", className: "small", textContent: text, aria: { label } });
      made.addEventListener("click", act);
      return made;
    };
    this.pause = button("Pause", "Pause", () => this.#toggle());
    this.video.addEventListener("play", () => say(this.pause, "Pause"));
    this.video.addEventListener("pause", () => say(this.pause, "Play"));
    this.speed = button("1×", "Speed", () => this.#faster());
    this.sound = button("Sound on", "Sound", () => {
      this.video.muted = !this.video.muted;
      say(this.sound, this.video.muted ? "Sound on" : "Sound off");
    });
    this.day = make("input", { type: "date", aria: { label: "Day" } });
    this.day.addEventListener("change", () => this.day.value !== "" && this.#goToDay(new Date(`${this.day.value}T00:00`).getTime()));
    const days = make(
      "span",
      { className: "days" },
      button("‹", "The day before", () => this.#goToDay(dayAfter(this.#dayMs, -1))),
      this.day,
      button("›", "The day after", () => this.#goToDay(this.#endMs)),
    );
    return make("div", { className: "controls" }, this.pause, this.speed, this.sound, days);
  }

  #makeExport() {
    const field = (label, name) => {
      const input = make("input", { type: "datetime-local", step: "1", id: `export-${name}` });
      const here = make("button", { type: "button", className: "small", textContent: "Here", aria: { label: `${label}: the time that is shown` } });
      here.addEventListener("click", () => this.#markHere(name));
      input.addEventListener("change", () => this.#markFields());
      const title = make("label", { textContent: label });
      title.htmlFor = input.id;
      return [make("div", { className: "field" }, title, make("span", { className: "with-button" }, input, here)), input];
    };
    const [from, fromInput] = field("From", "from");
    const [to, toInput] = field("To", "to");
    this.from = fromInput;
    this.to = toInput;
    this.exact = make("input", { type: "checkbox", id: "export-exact" });
    const exactly = make("label", { textContent: " Cut exactly, not at the keyframe before" });
    exactly.htmlFor = "export-exact";
    this.exportError = make("p", { className: "error", hidden: true });
    this.export = make("button", { type: "submit", className: "primary", textContent: "Export" });
    const form = make("form", { className: "export-form", noValidate: true }, make("div", { className: "pair" }, from, to), make("p", { className: "check" }, this.exact, exactly), this.exportError, make("div", { className: "actions" }, this.export));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#export();
    });
    return make("details", { className: "take" }, make("summary", { textContent: "Export" }), form, this.exports.element);
  }

  async #export() {
    const [from, to] = [new Date(this.from.value), new Date(this.to.value)];
    this.exportError.hidden = true;
    this.export.disabled = true;
    try {
      if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime())) throw new Error("Choose from when to when.");
      const ofEvent = this.#event !== null && !this.#isMarked;
      const range = ofEvent ? { event_id: this.#event.id } : { camera_id: this.#camera, from: from.toISOString(), to: to.toISOString() };
      await this.exports.add({ ...range, exact: this.exact.checked });
    } catch (problem) {
      say(this.exportError, problem.message);
      this.exportError.hidden = false;
    } finally {
      this.export.disabled = false;
    }
  }

  #markHere(name) {
    const at = this.player.wallMs;
    if (at === null) return;
    this[name].value = timeField(at);
    this.#markFields();
  }

  #mark(fromMs, toMs) {
    this.#isMarked = false;
    this.from.value = timeField(fromMs);
    this.to.value = timeField(toMs);
    this.timeline.mark(fromMs, toMs);
  }

  #markFields() {
    this.#isMarked = true;
    const [from, to] = [new Date(this.from.value).getTime(), new Date(this.to.value).getTime()];
    const wrong = Number.isNaN(from) || Number.isNaN(to) || to <= from;
    this.timeline.mark(wrong ? null : from, wrong ? null : to);
  }

  #goToDay(dayMs) {
    this.player.close();
    this.#showDay(dayMs).then(() => this.seek(this.timeline.recordedFrom(dayMs) ?? dayMs));
  }

  async #showDay(dayMs) {
    this.#dayMs = dayMs;
    this.#endMs = dayAfter(dayMs);
    this.day.value = dateField(dayMs);
    clearTimeout(this.#timer);
    this.timeline.show(dayMs, this.#endMs, []);
    await this.#load();
  }

  async #load() {
    const [camera, dayMs] = [this.#camera, this.#dayMs];
    clearTimeout(this.#timer);
    try {
      const { data } = await get(`/cameras/${camera}/footage?from=${iso(dayMs)}&to=${iso(this.#endMs)}`);
      if (camera !== this.#camera || dayMs !== this.#dayMs) return;
      this.timeline.show(dayMs, this.#endMs, data.items);
    } catch (problem) {
      this.#tell("failed", problem.message);
    }
    if (this.dialog.open && dayMs === dayOf(Date.now())) this.#timer = setTimeout(() => this.#load(), TIMELINE_EVERY_MS);
  }

  #play(address) {
    this.player.open(address);
    this.video.playbackRate = SPEEDS[Number(this.speed.dataset.index ?? 0)];
    this.video.play().catch(() => {});
  }

  get #clip() {
    return `/api/v1/events/${this.#event.id}/clip.m3u8`;
  }

  #address(ms) {
    return `/api/v1/cameras/${this.#camera}/footage.m3u8?from=${iso(ms)}&to=${iso(ms + WINDOW_MS)}`;
  }

  // What comes after this time: the next window, the footage after a gap, the next day, or what is being
  // recorded.
  #more(ms, grows) {
    if (this.#event !== null) return grows ? this.#clip : null;
    if (ms === null) return grows ? undefined : null;
    const next = this.timeline.recordedFrom(ms + SLACK_MS);
    if (next !== null) return this.#address(next === ms + SLACK_MS ? ms + 1 : next);
    if (ms > this.#endMs - EDGE_MS && this.#endMs < Date.now()) {
      this.#showDay(this.#endMs);
      return undefined;
    }
    if (Date.now() - ms > EDGE_MS) return null;
    this.#load();
    return undefined;
  }

  #at(ms) {
    say(this.wall, `${new Date(ms).toLocaleDateString()} ${clock(ms)}`);
    this.video.dataset.wall = iso(ms);
    this.timeline.at(ms);
  }

  #tell(word, text) {
    this.stage.dataset.state = word;
    say(this.words, text === "" && word === "waiting" ? "Loading …" : text);
    this.words.hidden = word === "playing";
    if (word === "empty") say(this.wall, "");
  }

  #toggle() {
    if (this.video.paused) this.video.play().catch(() => {});
    else this.video.pause();
  }

  #faster() {
    const index = (Number(this.speed.dataset.index ?? 0) + 1) % SPEEDS.length;
    this.speed.dataset.index = String(index);
    this.video.playbackRate = SPEEDS[index];
    say(this.speed, `${SPEEDS[index]}×`);
  }

  // Scrubbing: one preview is fetched at a time, and after it the one that is wanted by then.
  #hover(ms, interval, ratio) {
    if (ms === null) {
      this.bubble.hidden = true;
      this.#wantedPreview = null;
      return;
    }
    this.bubble.hidden = false;
    this.bubble.style.left = `${ratio * 100}%`;
    this.bubble.style.setProperty("--shift", `${-ratio * 100}%`);
    const isFootage = interval?.state === "recorded";
    say(this.previewWords, isFootage ? clock(ms) : `${clock(ms)} · ${wordsOf(interval)}`);
    this.preview.hidden = !isFootage || this.preview.getAttribute("src") === null;
    this.#wantedPreview = isFootage ? Math.round(ms / 1000) * 1000 : null;
    this.#look();
  }

  async #look() {
    if (this.#looking !== null || this.#wantedPreview === null) return;
    const wanted = this.#wantedPreview;
    this.#looking = wanted;
    try {
      const blob = await picture(`/cameras/${this.#camera}/preview.jpg?at=${iso(wanted)}`, undefined, "default");
      if (this.#previewUrl !== null) URL.revokeObjectURL(this.#previewUrl);
      this.#previewUrl = URL.createObjectURL(blob);
      this.preview.src = this.#previewUrl;
      this.preview.hidden = this.#wantedPreview === null;
    } catch {
      this.preview.hidden = true;
    } finally {
      this.#looking = null;
    }
    if (this.#wantedPreview !== null && this.#wantedPreview !== wanted) this.#look();
  }

  #closed() {
    clearTimeout(this.#timer);
    this.player.close();
    this.exports.hide();
    this.timeline.mark(null, null);
    this.#camera = null;
  }
}
