// A day of one camera as a bar: what was recorded, what is missing and why. A slider for hands and keys.

import { make, say } from "./elements.js";

const DAY_MS = 86_400_000;
const SPANS_MS = [DAY_MS, 6 * 3_600_000, 3_600_000, 600_000, 120_000];
const TICKS_MS = [15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200].map((seconds) => seconds * 1000);
const LABEL_PX = 84;
const STEP_MS = 5000;
const LONG_STEP_MS = 60_000;

const CLASSES = {
  continuous: "Recorded",
  motion: "Recorded, with motion",
  low: "Recorded, with an event of low severity",
  medium: "Recorded, with an event of medium severity",
  high: "Recorded, with an event of high severity",
  critical: "Recorded, with a critical event",
};
const CAUSES = {
  off: "Not recorded: switched off",
  idle: "Not recorded: nothing happened",
  expired: "Deleted: its time or room was over",
  not_recordable: "Missing: the camera’s codec cannot be recorded",
  camera_down: "Missing: the camera sent nothing",
  disk_full: "Missing: the disk was full",
  disk_slow: "Missing: the disk was too slow",
  disk_unavailable: "Missing: no disk could be written",
  service_down: "Missing: Nightjar did not run",
  lost: "Missing: the file is gone or damaged",
};

/** What an interval is, in words. */
export function wordsOf(interval) {
  if (interval === null || interval.state === "unknown") return "Nothing is known of this time";
  return interval.state === "gap" ? CAUSES[interval.cause] ?? interval.cause : CLASSES[interval.class] ?? interval.class;
}

export const clock = (ms) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const shortClock = (ms) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

/** `on` has `seek(ms)`, and `hover(ms, interval, x)` or `hover(null)`. */
export class Timeline {
  #on;
  #intervals = [];
  #dayMs = 0;
  #endMs = DAY_MS;
  #level = 0;
  #fromMs = 0;
  #atMs = null;
  #marks = [null, null];
  #dragging = false;

  constructor(on) {
    this.#on = on;
    this.canvas = make("canvas");
    this.scale = make("div", { className: "scale", aria: { hidden: "true" } });
    this.track = make("div", { className: "track", tabIndex: 0, aria: { label: "Time of the day" } }, this.canvas);
    this.track.setAttribute("role", "slider");
    this.out = make("button", { type: "button", className: "small", textContent: "−", aria: { label: "Show more time" } });
    this.in = make("button", { type: "button", className: "small", textContent: "+", aria: { label: "Show less time" } });
    this.shown = make("span", { className: "muted" });
    this.zoom = make("div", { className: "zoom" }, this.out, this.in, this.shown);
    this.element = make("div", { className: "timeline" }, this.track, this.scale, this.zoom);
    this.out.addEventListener("click", () => this.#zoomBy(-1));
    this.in.addEventListener("click", () => this.#zoomBy(1));
    this.#listen();
    new ResizeObserver(() => this.#draw()).observe(this.track);
  }

  /** Show a day, from its begin to the next one's (23 to 25 hours later), with its intervals. */
  show(dayMs, endMs, intervals) {
    if (dayMs !== this.#dayMs) this.#fromMs = dayMs;
    this.#dayMs = dayMs;
    this.#endMs = endMs;
    this.#intervals = intervals.map((one) => ({ ...one, fromMs: Date.parse(one.from), toMs: Date.parse(one.to) }));
    this.#around(this.#atMs ?? dayMs);
  }

  at(ms) {
    this.#atMs = ms;
    const outside = ms < this.#fromMs || ms > this.#fromMs + this.#spanMs;
    if (outside && !this.#dragging && this.#level > 0) this.#around(ms);
    else this.#draw();
  }

  mark(fromMs, toMs) {
    this.#marks = [fromMs, toMs];
    this.#draw();
  }

  intervalAt(ms) {
    return this.#intervals.find((one) => ms >= one.fromMs && ms < one.toMs) ?? null;
  }

  /** The first recorded moment at or after a time, or null. */
  recordedFrom(ms) {
    const found = this.#intervals.find((one) => one.state === "recorded" && one.toMs > ms);
    return found === undefined ? null : Math.max(ms, found.fromMs);
  }

  // Going back into a gap leads to what was recorded before it, since a gap is left at its end.
  #recordedBack(ms) {
    if (this.intervalAt(ms)?.state === "recorded") return ms;
    const found = this.#intervals.findLast((one) => one.state === "recorded" && one.toMs <= ms);
    return found === undefined ? ms : Math.max(found.fromMs, found.toMs - STEP_MS);
  }

  /** The last recorded moment, or null. */
  get lastRecorded() {
    return this.#intervals.findLast((one) => one.state === "recorded")?.toMs ?? null;
  }

  get #spanMs() {
    return this.#level === 0 ? this.#endMs - this.#dayMs : SPANS_MS[this.#level];
  }

  /** Show no more than so much time around what is shown, unless that is the case already. */
  zoomTo(spanMs) {
    while (this.#spanMs > spanMs && this.#level < SPANS_MS.length - 1) this.#level += 1;
  }

  #zoomBy(step) {
    this.#level = Math.min(SPANS_MS.length - 1, Math.max(0, this.#level + step));
    this.#around(this.#atMs ?? this.#fromMs + this.#spanMs / 2);
  }

  #around(ms) {
    const last = this.#endMs - this.#spanMs;
    this.#fromMs = Math.max(this.#dayMs, Math.min(last, ms - this.#spanMs / 2));
    this.#draw();
  }

  #listen() {
    const timeOf = (event) => {
      const box = this.track.getBoundingClientRect();
      const ratio = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      return [this.#fromMs + ratio * this.#spanMs, ratio];
    };
    const hover = (event) => {
      const [ms, ratio] = timeOf(event);
      this.#on.hover(ms, this.intervalAt(ms), ratio);
      if (this.#dragging) this.at(ms);
    };
    this.track.addEventListener("pointerdown", (event) => {
      this.#dragging = true;
      this.track.setPointerCapture(event.pointerId);
      hover(event);
    });
    this.track.addEventListener("pointermove", hover);
    this.track.addEventListener("pointerup", (event) => {
      if (!this.#dragging) return;
      this.#dragging = false;
      this.#on.seek(timeOf(event)[0]);
      if (event.pointerType !== "mouse") this.#on.hover(null);
    });
    this.track.addEventListener("pointercancel", () => (this.#dragging = false));
    this.track.addEventListener("pointerleave", () => this.#dragging || this.#on.hover(null));
    this.track.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.#zoomBy(event.deltaY < 0 ? 1 : -1);
    }, { passive: false });
    this.track.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    const step = event.shiftKey ? LONG_STEP_MS : STEP_MS;
    const at = this.#atMs ?? this.#dayMs;
    const to = { ArrowLeft: at - step, ArrowRight: at + step, Home: this.#dayMs, End: (this.lastRecorded ?? at + STEP_MS) - STEP_MS }[event.key];
    if (event.key === "+" || event.key === "-") this.#zoomBy(event.key === "+" ? 1 : -1);
    if (to === undefined) return;
    event.preventDefault();
    this.#on.seek(to < at ? this.#recordedBack(to) : to);
  }

  #draw() {
    const { canvas, track } = this;
    const [width, height] = [track.clientWidth, track.clientHeight];
    if (width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const ink = canvas.getContext("2d");
    ink.scale(ratio, ratio);
    const style = getComputedStyle(track);
    const x = (ms) => ((ms - this.#fromMs) / this.#spanMs) * width;
    for (const one of this.#intervals) {
      const [left, right] = [Math.max(0, x(one.fromMs)), Math.min(width, x(one.toMs))];
      if (right <= 0 || left >= width) continue;
      paint(ink, style, one, left, Math.max(1, right - left), height);
    }
    this.#drawMarks(ink, style, x, height);
    this.#say();
    this.#ticks();
  }

  #drawMarks(ink, style, x, height) {
    const [from, to] = this.#marks;
    if (from !== null && to !== null) {
      ink.strokeStyle = style.getPropertyValue("--focus");
      ink.lineWidth = 2;
      ink.strokeRect(x(from), 1, Math.max(2, x(to) - x(from)), height - 2);
    }
    if (this.#atMs === null) return;
    ink.fillStyle = style.getPropertyValue("--text");
    ink.fillRect(x(this.#atMs) - 1, 0, 2, height);
  }

  #say() {
    const at = this.#atMs ?? this.#dayMs;
    this.track.setAttribute("aria-valuemin", "0");
    this.track.setAttribute("aria-valuemax", String((this.#endMs - this.#dayMs) / 1000));
    this.track.setAttribute("aria-valuenow", String(Math.round((at - this.#dayMs) / 1000)));
    this.track.setAttribute("aria-valuetext", `${clock(at)}, ${wordsOf(this.intervalAt(at))}`);
    this.out.disabled = this.#level === 0;
    this.in.disabled = this.#level === SPANS_MS.length - 1;
    const minutes = this.#spanMs / 60_000;
    say(this.shown, minutes >= 60 ? `${minutes / 60} h shown` : `${minutes} min shown`);
  }

  #ticks() {
    const least = (LABEL_PX / this.track.clientWidth) * this.#spanMs;
    const step = TICKS_MS.find((one) => one >= least) ?? TICKS_MS.at(-1);
    const labels = [];
    for (let ms = this.#dayMs + Math.ceil((this.#fromMs - this.#dayMs) / step) * step; ms <= this.#fromMs + this.#spanMs; ms += step) {
      const label = make("span", { textContent: step < 60_000 ? clock(ms) : shortClock(ms) });
      const ratio = (ms - this.#fromMs) / this.#spanMs;
      label.style.left = `${ratio * 100}%`;
      label.className = ratio < 0.04 ? "first" : ratio > 0.96 ? "last" : "";
      labels.push(label);
    }
    this.scale.replaceChildren(...labels);
  }
}

// Footage is full and grows with its gravity; gaps are low and hatched when something is missing: not colour alone.
const HEIGHTS = { continuous: 0.55, motion: 0.7, low: 0.8, medium: 0.87, high: 0.94, critical: 1 };

function paint(ink, style, one, left, width, height) {
  const fill = (name, share) => {
    ink.fillStyle = style.getPropertyValue(name);
    ink.fillRect(left, height * (1 - share), width, height * share);
  };
  if (one.state === "recorded") fill(`--footage-${one.class}`, HEIGHTS[one.class] ?? 0.55);
  else if (one.state === "gap" && one.deliberate) fill("--line", 0.16);
  else if (one.state === "gap") hatch(ink, style.getPropertyValue("--bad"), left, width, height);
  if (one.protected) {
    ink.fillStyle = style.getPropertyValue("--good");
    ink.fillRect(left, 0, width, 3);
  }
}

function hatch(ink, colour, left, width, height) {
  ink.save();
  ink.beginPath();
  ink.rect(left, height * 0.3, width, height * 0.7);
  ink.clip();
  ink.globalAlpha = 0.28;
  ink.fillStyle = colour;
  ink.fillRect(left, 0, width, height);
  ink.globalAlpha = 1;
  ink.strokeStyle = colour;
  ink.lineWidth = 1.5;
  ink.beginPath();
  for (let x = left - height - (left % 7); x < left + width; x += 7) {
    ink.moveTo(x, height);
    ink.lineTo(x + height, 0);
  }
  ink.stroke();
  ink.restore();
}
