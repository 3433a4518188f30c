// What the pointer is over: a small picture, the time, and in words what there is or why there is nothing.

import { nameOf } from "../../state/session";
import { clockWithSeconds, dateOf } from "../../words";
import { at, eventWords } from "./coverage";
import type { Desk } from "./desk";
import { spanOf } from "./scale";
import { wordsAt } from "./timeline";

const NEAR_PX = 6;

export function Bubble({ desk, width }: { desk: Desk; width: number }) {
  const hover = desk.hover.value;
  void desk.library.changes.value;
  const cameraId = hover === null ? undefined : desk.cameras.value[hover.row];
  if (hover === null || cameraId === undefined) return null;
  const picture = desk.previews.pictures.value.get(cameraId);
  const hasFootage = desk.hasPicture(cameraId, hover.ms);
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
  const nearMs = (spanOf(desk.view.value) / Math.max(1, width)) * NEAR_PX;
  if (spanOf(desk.view.value) > 12 * 3_600_000) return [];
  const marks = desk.library.marks(cameraId, ms - nearMs, ms + nearMs);
  const within = marks.filter((one) => at([one], ms) !== null || Math.abs(one.fromMs - ms) <= nearMs);
  const words = within.slice(-3).map(eventWords);
  return within.length > 3 ? [...words, `and ${within.length - 3} more`] : words;
}
