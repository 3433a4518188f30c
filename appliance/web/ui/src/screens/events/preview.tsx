// A closer look at an event while a pointer rests on its thumbnail, or the keyboard is there: its clip, moving and
// mute, or its picture while that is not there. Not on touch, and not for whoever wants things to keep still.

import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Event } from "../../wire";
import "./preview.css";

const AFTER_MS = 250;
const WIDTH_PX = 448;
const HEIGHT_PX = 252;
const GAP_PX = 12;
const SAME_PX = 4;

const looked = signal<{ event: Event; target: Element; at: DOMRect } | null>(null);
let timer = 0;

const isWanted = () =>
  matchMedia("(hover: hover) and (pointer: fine)").matches &&
  !matchMedia("(prefers-reduced-motion: reduce)").matches;

/** What a thumbnail does to be looked at. */
export const looksOf = (event: Event) => ({
  onPointerEnter: (moved: PointerEvent) => moved.pointerType === "mouse" && look(event, moved.currentTarget),
  onPointerLeave: lookAway,
  onFocus: (moved: FocusEvent) => isKeyboard(moved.currentTarget) && look(event, moved.currentTarget),
  onBlur: lookAway,
});

const isKeyboard = (target: EventTarget | null) =>
  target instanceof Element && target.matches(":focus-visible");

function look(event: Event, target: EventTarget | null): void {
  clearTimeout(timer);
  if (!isWanted() || !(target instanceof Element)) return;
  timer = window.setTimeout(() => {
    if (target.isConnected) looked.value = { event, target, at: target.getBoundingClientRect() };
  }, AFTER_MS);
}

/** The list has scrolled: what has moved away is not looked at any more. */
export function lookAgain(): void {
  const found = looked.value;
  if (found !== null && Math.abs(found.target.getBoundingClientRect().top - found.at.top) > SAME_PX)
    lookAway();
}

/** Nothing is looked at any more. */
export function lookAway(): void {
  clearTimeout(timer);
  looked.value = null;
}

export function Preview() {
  useEffect(() => lookAway, []);
  const found = looked.value;
  return found === null ? null : <Look key={found.event.id} event={found.event} at={found.at} />;
}

function Look({ event, at }: { event: Event; at: DOMRect }) {
  const video = useRef<HTMLVideoElement>(null);
  const [isPlaying, setPlaying] = useState(false);
  useEffect(() => {
    if (video.current === null) return undefined;
    return playClip(video.current, event.id);
  }, []);
  return (
    <div class="preview" style={placeOf(at)} aria-hidden="true">
      {event.picture !== null && <img src={event.picture} alt="" />}
      <video ref={video} muted playsInline data-playing={isPlaying} onPlaying={() => setPlaying(true)} />
    </div>
  );
}

// Beside the thumbnail, as far up or down as keeps it in the window.
function placeOf(at: DOMRect) {
  const top = Math.min(Math.max(GAP_PX, at.top), Math.max(GAP_PX, innerHeight - HEIGHT_PX - GAP_PX));
  const left = Math.min(at.right + GAP_PX, innerWidth - WIDTH_PX - GAP_PX);
  return {
    top: `${top}px`,
    left: `${Math.max(GAP_PX, left)}px`,
    width: `${WIDTH_PX}px`,
    height: `${HEIGHT_PX}px`,
  };
}

// Over and over; where it cannot be played the picture stays.
function playClip(video: HTMLVideoElement, eventId: string): () => void {
  let close = () => {};
  let isOver = false;
  const begin = async () => {
    const { FootagePlayer } = await import("../../video/footage_player");
    if (isOver) return;
    const player = new FootagePlayer(video, {
      time: () => {},
      state: (state) => state === "ended" && player.open({ eventId }),
    });
    close = () => player.close();
    player.open({ eventId });
  };
  void begin();
  return () => {
    isOver = true;
    close();
  };
}
