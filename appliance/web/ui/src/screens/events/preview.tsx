// A closer look at an event while a pointer rests on its thumbnail, or the keyboard is there: its clip, moving and
// mute, or its picture while that is not there. Not on touch, and not for whoever wants things to keep still.

import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Event } from "../../wire";

const AFTER_MS = 250;
const WIDTH_PX = 448;
const HEIGHT_PX = 252;
const GAP_PX = 12;

const looked = signal<{ event: Event; at: DOMRect } | null>(null);
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
    if (target.isConnected) looked.value = { event, at: target.getBoundingClientRect() };
  }, AFTER_MS);
}

/** Nothing is looked at any more: the pointer has gone, or the list has moved. */
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
      {event.picture !== null && <img src={event.picture} alt="" hidden={isPlaying} />}
      <video ref={video} muted loop playsInline hidden={!isPlaying} onPlaying={() => setPlaying(true)} />
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

function playClip(video: HTMLVideoElement, id: string): () => void {
  let close = () => {};
  let isOver = false;
  const begin = async () => {
    const { default: Hls } = await import("hls.js");
    if (isOver || !Hls.isSupported()) return;
    const hls = new Hls({ enableWorker: false, maxBufferLength: 10 });
    close = () => hls.destroy();
    hls.loadSource(`/api/v1/events/${id}/clip.m3u8`);
    hls.attachMedia(video);
    // Where it cannot be played the picture stays.
    hls.on(Hls.Events.MANIFEST_PARSED, () => void video.play().catch(() => {}));
    hls.on(Hls.Events.ERROR, (_name, problem) => problem.fatal && hls.destroy());
  };
  void begin();
  return () => {
    isOver = true;
    close();
  };
}
