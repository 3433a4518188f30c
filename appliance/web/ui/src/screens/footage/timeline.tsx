// The timeline: a canvas for the eye, a slider for keys and screen readers.

import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { may } from "../../state/access";
import { nameOf } from "../../state/session";
import { moment } from "../../words";
import { at, bucketWords, type Interval, intervalWords } from "./coverage";
import { BEFORE_EVENT_MS, type Desk } from "./desk";
import { Gestures } from "./gestures";
import { markAt, rowAt } from "./hit";
import { MarkHandles } from "./mark_handles";
import { paint } from "./paint";
import { panned, spanOf, xOf } from "./scale";
import { type Colours, EVENTS_PX, heightOf, rowTop, SCALE_PX } from "./scene";
import { zoneWord } from "./ticks";
import { EXACT } from "./tiles";

const NOW_EVERY_MS = 1000;
const STEPS_A_VIEW = 60;
const SAID_EVERY_MS = 10_000;

export function Timeline({ desk }: { desk: Desk }) {
  const track = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const rows = desk.cameras.value;
  useEffect(() => {
    if (track.current === null || canvas.current === null) return;
    return follow(desk, track.current, canvas.current);
  }, []);
  return (
    <div class="timeline">
      <div
        ref={track}
        class="timeline-track"
        role="slider"
        tabIndex={0}
        aria-label="Time that is shown"
        aria-valuenow={0}
        data-marking={desk.isMarking.value || undefined}
        style={{ height: `${heightOf(rows.length)}px` }}
        onKeyDown={(event) => onKey(desk, event)}
      >
        <canvas ref={canvas} />
        {rows.length > 1 &&
          rows.map((id, i) => (
            <span key={id} class="timeline-name" style={{ top: `${rowTop(i) + 1}px` }} aria-hidden="true">
              {nameOf(id)}
            </span>
          ))}
      </div>
      <MarkHandles desk={desk} />
    </div>
  );
}

/** Draw whenever something changed, at most once a frame. */
function follow(desk: Desk, track: HTMLDivElement, canvas: HTMLCanvasElement): () => void {
  const ink = canvas.getContext("2d");
  let asked = 0;
  const draw = () => {
    asked = 0;
    if (ink !== null) drawNow(desk, canvas, ink, track);
  };
  const ask = () => {
    if (asked === 0) asked = requestAnimationFrame(draw);
  };
  const gestures = gesturesOf(desk, track);
  const size = new ResizeObserver(ask);
  size.observe(track);
  const theme = new MutationObserver(ask);
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const scheme = matchMedia("(prefers-color-scheme: light)");
  scheme.addEventListener("change", ask);
  const clock = setInterval(ask, NOW_EVERY_MS);
  const unfollow = effect(() => {
    void [desk.view.value, desk.deck.at.value, desk.marked.value, desk.hover.value];
    void [desk.cameras.value, desk.held.changes.value, desk.deck.isLive.value];
    ask();
  });
  return () => {
    cancelAnimationFrame(asked);
    clearInterval(clock);
    unfollow();
    gestures.end();
    size.disconnect();
    theme.disconnect();
    scheme.removeEventListener("change", ask);
  };
}

function drawNow(
  desk: Desk,
  canvas: HTMLCanvasElement,
  ink: CanvasRenderingContext2D,
  track: HTMLElement,
): void {
  const [width, ratio] = [track.clientWidth, devicePixelRatio || 1];
  const cameras = desk.cameras.peek();
  const height = heightOf(cameras.length);
  if (width === 0) return;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  ink.setTransform(ratio, 0, 0, ratio, 0, 0);
  const [view, nowMs] = [desk.view.peek(), Date.now()];
  const [isLive, hover] = [desk.deck.isLive.peek(), desk.hover.peek()];
  const atMs = isLive ? nowMs : desk.deck.at.peek();
  paint(
    ink,
    {
      width,
      view,
      nowMs,
      atMs: hover?.isScrubbing ? hover.ms : atMs,
      hoverMs: hover?.isScrubbing ? null : (hover?.ms ?? null),
      marked: desk.marked.peek(),
      rows: cameras.map((id) => desk.held.contents(id, view)),
    },
    coloursOf(track),
  );
  describe(desk, track);
}

const NAMES = [
  "text",
  "muted",
  "line",
  "surface",
  "raised",
  "accent",
  "recorded",
  "motion",
  "bad",
  "good",
] as const;
const SEVERITIES = ["low", "medium", "high", "critical"] as const;

function coloursOf(element: HTMLElement): Colours {
  const style = getComputedStyle(element);
  const all = [...NAMES, ...SEVERITIES].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
  return { ...(Object.fromEntries(all) as Omit<Colours, "font">), font: style.fontFamily };
}

/** What the slider says: the time, and what there is of each camera. */
function describe(desk: Desk, track: HTMLElement): void {
  const { deck } = desk;
  const ms = deck.at.peek() ?? Date.now();
  const { fromMs, toMs } = desk.view.peek();
  tellOf(track, "min", Math.round(fromMs / 1000));
  tellOf(track, "max", Math.round(toMs / 1000));
  if (goesOn(desk, track, ms)) return;
  track.dataset.said = String(ms);
  tellOf(track, "now", Math.round(Math.min(toMs, Math.max(fromMs, ms)) / 1000));
  const words = [moment(ms) + zoneWord(ms), ...whatIs(desk, desk.cameras.peek(), ms)].join("; ");
  tellOf(track, "text", deck.isLive.peek() ? "Now, live" : words);
}

function tellOf(track: HTMLElement, what: "min" | "max" | "now" | "text", value: string | number): void {
  const [name, text] = [`aria-value${what}`, String(value)];
  if (track.getAttribute(name) !== text) track.setAttribute(name, text);
}

// Who hears the slider does not want each second of what plays to be said.
function goesOn(desk: Desk, track: HTMLElement, ms: number): boolean {
  const since = ms - Number(track.dataset.said ?? Number.NEGATIVE_INFINITY);
  const isPlaying = desk.deck.isPlaying.peek() && !desk.deck.isLive.peek();
  return isPlaying && document.activeElement === track && since >= 0 && since < SAID_EVERY_MS;
}

function whatIs(desk: Desk, cameras: readonly string[], ms: number): string[] {
  return cameras.map((id) => {
    const words = wordsAt(desk, id, ms);
    return cameras.length === 1 ? words : `${nameOf(id)}: ${words}`;
  });
}

const YET_MS = 30_000;
const YET_WORDS = "Not accounted for yet";

/** The last seconds are told a little later. */
function isYet(ms: number, interval: Interval | null): boolean {
  return (interval === null || interval.state === "unknown") && Date.now() - ms < YET_MS;
}

/** What there is of a camera at a moment, in words. */
export function wordsAt(desk: Desk, cameraId: string, ms: number): string {
  for (const { intervals, buckets } of desk.held.contents(cameraId, desk.view.peek()).toReversed()) {
    const interval = at(intervals, ms);
    if (interval !== null) return isYet(ms, interval) ? YET_WORDS : intervalWords(interval);
    const bucket = at(buckets, ms);
    if (bucket !== null) return bucketWords(bucket);
  }
  const interval = at(desk.held.intervals(cameraId, ms), ms);
  return isYet(ms, interval) ? YET_WORDS : intervalWords(interval);
}

function gesturesOf(desk: Desk, track: HTMLElement): Gestures {
  const rowOf = (y: number) => rowAt(y, desk.cameras.peek().length);
  return new Gestures(track, {
    view: () => desk.view.peek(),
    width: () => track.clientWidth,
    isMarking: () => desk.isMarking.peek(),
    show: (view) => desk.show(view),
    hover: (place) =>
      place === null
        ? desk.leave()
        : desk.point(place.x, rowOf(place.y), track.clientWidth, place.isScrubbing),
    seek: (ms, y) => desk.seek(eventOr(desk, ms, y, rowOf(y), track.clientWidth)),
    mark: (range) => {
      if (may("footage.export")) desk.marked.value = range;
    },
  });
}

/** Who points at the mark of an event means its begin. */
function eventOr(desk: Desk, ms: number, y: number, row: number, width: number): number {
  const [view, cameraId] = [desk.view.peek(), desk.cameras.peek()[row]];
  const isMark = y >= SCALE_PX && y < rowTop(row) + EVENTS_PX;
  if (cameraId === undefined || !isMark || spanOf(view) > EXACT.mostSpanMs) return ms;
  const mark = markAt(desk.held.marks(cameraId, view.fromMs, view.toMs), view, width, xOf(view, width, ms));
  return mark === null ? ms : mark.fromMs - BEFORE_EVENT_MS;
}

function onKey(desk: Desk, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const view = desk.view.value;
  const step = spanOf(view) / STEPS_A_VIEW;
  const acts: Record<string, () => void> = {
    ArrowRight: () => (event.shiftKey ? desk.show(panned(view, step * 10)) : desk.jump(step)),
    ArrowLeft: () => (event.shiftKey ? desk.show(panned(view, -step * 10)) : desk.jump(-step)),
    ArrowUp: () => desk.jump(step),
    ArrowDown: () => desk.jump(-step),
    PageUp: () => desk.jump(step * 10),
    PageDown: () => desk.jump(-step * 10),
    Home: () => desk.seek(view.fromMs),
    End: () => desk.goLive(),
  };
  const act = acts[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
}
