// What the pointer is over: a small picture, the time, and in words what there is or why there is nothing.

import { nameOf } from "../../state/session";
import { clockWithSeconds, dateOf } from "../../words";
import { eventWords } from "./coverage";
import type { Desk } from "./desk";
import { marksAt } from "./hit";
import { spanOf, xOf } from "./scale";
import { zoneWord } from "./ticks";
import { EXACT } from "./tiles";
import { wordsAt } from "./timeline";

const MOST = 3;

export function Bubble({ desk, width }: { desk: Desk; width: number }) {
  const hover = desk.hover.value;
  void desk.held.changes.value;
  const cameraId = hover === null ? undefined : desk.cameras.value[hover.row];
  if (hover === null || cameraId === undefined) return null;
  const picture = desk.previews.pictures.value.get(cameraId);
  const hasFootage = desk.stretchAt(cameraId, hover.ms) !== null;
  const words = wordsAt(desk, cameraId, hover.ms);
  const share = Math.min(1, Math.max(0, hover.x / Math.max(1, width)));
  return (
    <div
      class="timeline-bubble"
      style={{ left: `${share * 100}%`, transform: `translateX(${-share * 100}%)` }}
      aria-hidden="true"
    >
      {hasFootage && picture !== undefined && !hover.isScrubbing && (
        <img
          src={picture.url}
          alt=""
          data-at={new Date(picture.ms).toISOString()}
          data-took={Math.round(picture.tookMs)}
        />
      )}
      <p class="timeline-bubble-time">
        {dateOf(hover.ms)}, {clockWithSeconds(hover.ms)}
        {zoneWord(hover.ms)}
      </p>
      {desk.cameras.value.length > 1 && <p>{nameOf(cameraId)}</p>}
      <p class="muted">{words}</p>
      {eventsAt(desk, cameraId, hover.ms, width).map((text) => (
        <p key={text}>{text}</p>
      ))}
    </div>
  );
}

function eventsAt(desk: Desk, cameraId: string, ms: number, width: number): string[] {
  const view = desk.view.value;
  if (spanOf(view) > EXACT.mostSpanMs) return [];
  const near = desk.held.marks(cameraId, view.fromMs, view.toMs);
  const found = marksAt(near, view, width, xOf(view, width, ms));
  const words = found.slice(0, MOST).map(eventWords);
  return found.length > MOST ? [...words, `and ${found.length - MOST} more`] : words;
}
