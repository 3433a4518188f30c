// The pictures: one for each camera, all of the same moment.

import { useComputed } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { cameras, nameOf } from "../../state/session";
import { LiveScreen } from "../../video/live_screen";
import { clockWithSeconds, dateOf, lasting, moment, SEVERITIES } from "../../words";
import { intervalWords, longestGap, type Mark } from "./coverage";
import type { LeftOut } from "./deck";
import type { Desk } from "./desk";
import type { Seat } from "./seat";
import { zoneWord } from "./ticks";
import { wordsAt } from "./timeline";

const APART_EVERY_MS = 250;
const LEFT_OUT_MS = 8000;

export function Stage({ desk }: { desk: Desk }) {
  const shown = desk.cameras.value;
  const stage = useRef<HTMLDivElement>(null);
  // How well they are in step can be read where it is looked for.
  useEffect(() => {
    const timer = setInterval(() => {
      const apartMs = desk.deck.apartMs;
      if (stage.current !== null) stage.current.dataset.apart = apartMs === null ? "" : apartMs.toFixed(0);
    }, APART_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const columns = shown.length === 1 ? 1 : shown.length <= 4 ? 2 : 3;
  return (
    <div ref={stage} class="stage" data-columns={columns} data-count={shown.length}>
      {shown.map((id) => (
        <Picture key={id} desk={desk} cameraId={id} isAlone={shown.length === 1} />
      ))}
      <LeftOutWords desk={desk} />
    </div>
  );
}

function Picture({ desk, cameraId, isAlone }: { desk: Desk; cameraId: string; isAlone: boolean }) {
  const camera = cameras.value.get(cameraId);
  const isLive = desk.deck.isLive.value;
  // As with footage, only one of them is heard; the small streams have no sound.
  const isHeard = !desk.deck.isMuted.value && desk.cameras.value[0] === cameraId;
  return (
    <figure class="stage-seat on-picture" aria-label={nameOf(cameraId)}>
      {isLive && camera !== undefined ? (
        <LiveScreen camera={camera} stream={isAlone || isHeard ? "main" : "small"} sound={isHeard} />
      ) : (
        <Played desk={desk} cameraId={cameraId} />
      )}
      {!isAlone && <figcaption>{nameOf(cameraId)}</figcaption>}
      {isLive ? <span class="stage-live">Live</span> : <EventHere desk={desk} cameraId={cameraId} />}
    </figure>
  );
}

/** The event that goes on in what is shown, as a link to it. */
function EventHere({ desk, cameraId }: { desk: Desk; cameraId: string }) {
  // Computed, so that it is drawn anew only when it is another event, not with every picture.
  const mark = useComputed(() => here(desk, cameraId)).value;
  if (mark === null) return null;
  return (
    <a class="stage-event" href={`/events/${mark.id}`} data-severity={mark.severity}>
      <span class="dot" aria-hidden="true" />
      <span>
        {mark.label} · {SEVERITIES[mark.severity].toLowerCase()}
      </span>
    </a>
  );
}

function here(desk: Desk, cameraId: string): Mark | null {
  void desk.held.changes.value;
  const ms = desk.deck.at.value;
  return ms === null ? null : (desk.held.marks(cameraId, ms, ms)[0] ?? null);
}

function Played({ desk, cameraId }: { desk: Desk; cameraId: string }) {
  const video = useRef<HTMLVideoElement>(null);
  const [seat, setSeat] = useState<Seat | null>(null);
  useEffect(() => {
    if (video.current === null) return;
    const leave = desk.deck.join(cameraId, video.current);
    setSeat(desk.deck.seat(cameraId));
    return leave;
  }, []);
  return (
    <>
      <video ref={video} playsInline muted aria-label={`Footage of ${nameOf(cameraId)}`} />
      <Looking desk={desk} cameraId={cameraId} />
      {seat !== null && <Words desk={desk} seat={seat} />}
    </>
  );
}

/** While one looks for a moment its small picture lies over the one that was played. */
function Looking({ desk, cameraId }: { desk: Desk; cameraId: string }) {
  const hover = desk.hover.value;
  const picture = desk.previews.pictures.value.get(cameraId);
  if (hover === null || !hover.isScrubbing) return null;
  if (desk.stretchAt(cameraId, hover.ms) === null)
    return <p class="stage-words stage-nothing">{wordsAt(desk, cameraId, hover.ms)}</p>;
  if (picture === undefined) return null;
  return (
    <img
      class="stage-preview"
      src={picture.url}
      alt=""
      data-at={new Date(picture.ms).toISOString()}
      data-took={Math.round(picture.tookMs)}
    />
  );
}

/** Why what is shown is later than what was asked for, or than what was shown just now: for a while. */
function LeftOutWords({ desk }: { desk: Desk }) {
  const { leftOut } = desk.deck;
  const left = leftOut.value;
  void desk.held.changes.value;
  useEffect(() => {
    if (left === null) return;
    const timer = setTimeout(() => {
      if (leftOut.peek() === left) leftOut.value = null;
    }, LEFT_OUT_MS);
    return () => clearTimeout(timer);
  }, [left]);
  const words = left === null || desk.deck.isLive.value ? null : leftOutWords(desk, left);
  // It is there before it says something: else it is not heard.
  return (
    <div class="stage-left-out on-picture" role="status">
      {words !== null && <p>{words}</p>}
    </div>
  );
}

function leftOutWords(desk: Desk, { cameraId, fromMs, toMs }: LeftOut): string | null {
  const gap = longestGap(desk.held.intervals(cameraId, fromMs, toMs), fromMs, toMs);
  if (gap === null) return null;
  const isFar = dateOf(fromMs) !== dateOf(toMs);
  const until = isFar ? moment(toMs) : clockWithSeconds(toMs);
  return `${intervalWords(gap)}. It goes on ${lasting(toMs - fromMs)} later, at ${until}.`;
}

const IDLE_WORDS = {
  waiting: "Loading …",
  empty: "Nothing was recorded here.",
  ended: "This is all there is.",
};

function Words({ desk, seat }: { desk: Desk; seat: Seat }) {
  const [state, text] = [seat.state.value, seat.text.value];
  if (seat.isResting.value) {
    const at = desk.deck.at.value ?? 0;
    if (desk.deck.has(seat.cameraId, at) === false)
      return <p class="stage-words stage-nothing">{wordsAt(desk, seat.cameraId, at)}</p>;
    return <p class="stage-words">Waits for the others …</p>;
  }
  if (state === "playing" || state === "paused") return null;
  return (
    <p class="stage-words" data-state={state} role={state === "failed" ? "alert" : undefined}>
      {text || IDLE_WORDS[state as keyof typeof IDLE_WORDS] || "It cannot be played."}
    </p>
  );
}

/** When what is shown was taken. */
export function ShownTime({ desk }: { desk: Desk }) {
  const { at, isLive } = desk.deck;
  if (isLive.value) return <strong class="shown-time">Live</strong>;
  return (
    <time class="shown-time" dateTime={at.value === null ? undefined : new Date(at.value).toISOString()}>
      {at.value === null ? (
        "…"
      ) : (
        <>
          <span class="shown-date">{dateOf(at.value)}, </span>
          {clockWithSeconds(at.value)}
          {zoneWord(at.value)}
        </>
      )}
    </time>
  );
}
