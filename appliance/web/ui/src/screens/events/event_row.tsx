// One event of the feed.

import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../parts/button";
import { isElsewhere } from "../../parts/current";
import { Icon } from "../../parts/icon";
import { Ago, Severity } from "../../parts/signs";
import { protectedIds } from "../../state/protected";
import { nameOf } from "../../state/session";
import type { Event } from "../../wire";
import { clock, clockWithSeconds, course, pictureless, tight } from "../../words";
import { whatOf } from "./acts";
import { looksOf } from "./preview";
import "./event_row.css";

/** An event's story; the feed's filter goes along, for the way on and back. */
export const storyOf = (event: Event) => `/events/${event.id}${location.search}`;

/** What a row can have done. */
export interface RowActs {
  review(event: Event): unknown;
  note(event: Event): void;
  protect(event: Event): unknown;
  remove(event: Event): void;
  choose(event: Event): void;
  why(event: Event): void;
}

interface Props {
  event: Event;
  isInBatch: boolean;
  isCurrent: boolean;
  /** The keyboard has come here: it takes the focus with it. */
  hasFocus: boolean;
  isExplained: boolean;
  acts: RowActs;
}

export function EventRow({ event, isInBatch, isCurrent, hasFocus, isExplained, acts }: Props) {
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    if (hasFocus && !isElsewhere(".feed")) element.current?.focus({ preventScroll: true });
  }, [hasFocus]);
  return (
    <article
      ref={element}
      class="event"
      tabIndex={-1}
      data-severity={event.severity}
      data-reviewed={event.reviewed}
      data-in-batch={isInBatch}
      data-event={event.id}
      aria-current={isCurrent || undefined}
      aria-label={whatOf(event)}
      onPointerDown={() => acts.choose(event)}
      onFocusIn={({ target, currentTarget }) => target !== currentTarget && acts.choose(event)}
    >
      <Thumb event={event} />
      <div class="event-text">
        <Title event={event} />
        <Line event={event} />
        {event.note !== "" && (
          <p class="event-note">
            <Icon name="note" />
            <span>
              <span class="unseen">Note: </span>
              {event.note}
            </span>
          </p>
        )}
      </div>
      <Acts event={event} acts={acts} isExplained={isExplained} />
      {isExplained && <Why event={event} />}
    </article>
  );
}

function Title({ event }: { event: Event }) {
  return (
    <p class="event-title">
      <Severity of={event.severity} />
      <strong>{tight(event.summary === "" ? event.label : event.summary)}</strong>
      {event.reviewed && (
        <span class="event-reviewed">
          <Icon name="check" />
          Reviewed
        </span>
      )}
    </p>
  );
}

// What the summary says already is not said twice.
function Line({ event }: { event: Event }) {
  const camera = nameOf(event.camera_id);
  return (
    <p class="event-line">
      {!event.summary.includes(camera) && <span>{camera}</span>}
      <span class="wide-word">{clockWithSeconds(Date.parse(event.started_at))}</span>
      <span class="narrow-word">{clock(Date.parse(event.started_at))}</span>
      <Ago iso={event.started_at} />
      {(event.state !== "ended" || event.summary === "") && <span>{course(event)}</span>}
    </p>
  );
}

function Thumb({ event }: { event: Event }) {
  const [gone, setGone] = useState<string | null>(null);
  const { picture } = event;
  const hasPicture = picture !== null && gone !== picture;
  return (
    <a class="event-thumb" href={storyOf(event)} aria-label={`Play: ${whatOf(event)}`} {...looksOf(event)}>
      {hasPicture ? (
        <img src={picture} alt="" loading="lazy" decoding="async" onError={() => setGone(picture)} />
      ) : (
        <span class="small">
          {event.kind !== "object" && <Icon name={event.kind === "offline" ? "offline" : "covered"} />}
          {pictureless(event)}
        </span>
      )}
      <span class="event-label">{event.label}</span>
      {hasPicture && (
        <span class="event-play" aria-hidden="true">
          <Icon name="play" />
        </span>
      )}
    </a>
  );
}

function Acts({ event, acts, isExplained }: { event: Event; acts: RowActs; isExplained: boolean }) {
  const what = whatOf(event);
  const isProtected = protectedIds.value.has(event.id);
  return (
    <div class="event-acts">
      <button
        type="button"
        class="button quiet small"
        aria-expanded={isExplained}
        aria-label={`Why ${event.risk_score} of 100? ${what}`}
        onClick={() => acts.why(event)}
      >
        Why {event.risk_score}?
      </button>
      <Button
        needs="events.review"
        kind="quiet"
        icon="check"
        pressed={event.reviewed}
        title={event.reviewed ? "Reviewed" : "Mark as reviewed"}
        label={`Reviewed: ${what}`}
        onClick={() => acts.review(event)}
      />
      <Button
        needs="events.review"
        kind="quiet"
        icon="note"
        title="Note"
        label={`${event.note === "" ? "Write a note" : "Change the note"}: ${what}`}
        onClick={() => acts.note(event)}
      />
      <Button
        needs="footage.manage"
        kind="quiet"
        icon={isProtected ? "lock" : "unlock"}
        pressed={isProtected}
        title={isProtected ? "Protected: let go of it" : "Protect the footage"}
        label={`Protect the footage: ${what}`}
        onClick={() => acts.protect(event)}
      />
      <Button
        needs="events.delete"
        kind="quiet"
        icon="bin"
        title="Delete"
        label={`Delete: ${what}`}
        onClick={() => acts.remove(event)}
      />
      <a
        class="button quiet icon-only event-open"
        href={storyOf(event)}
        aria-label={`Play: ${what}`}
        title="Play"
      >
        <Icon name="play" />
      </a>
    </div>
  );
}

function Why({ event }: { event: Event }) {
  return (
    <dl class="event-why">
      {event.risk_factors.map(({ name, points, detail }) => (
        <div key={name}>
          <dt>{points < 0 ? `−${-points}` : `+${points}`}</dt>
          <dd>{detail}</dd>
        </div>
      ))}
      <div class="event-why-sum">
        <dt>{event.risk_score}</dt>
        <dd>of 100</dd>
      </div>
    </dl>
  );
}
