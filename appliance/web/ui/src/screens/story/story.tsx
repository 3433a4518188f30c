// An event as a short story that plays: its footage with box and path, its lines, and what can be done with it.

import { useSignal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { useKeys } from "../../keys";
import { announce } from "../../parts/announcer";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { Nothing } from "../../parts/nothing";
import { Severity } from "../../parts/signs";
import { tell } from "../../parts/toasts";
import { nameOf } from "../../state/session";
import type { Event } from "../../wire";
import { course, moment, tight } from "../../words";
import { deleteEvent, hidden, review, type Take, told, undelete, undoLast, whatOf } from "../events/acts";
import { Acts } from "./acts";
import { Decision } from "./decision";
import { Lines } from "./lines";
import { type Find, newerThan, olderThan, Steps } from "./neighbours";
import { Note } from "./note";
import { SecondLook } from "./second_look";
import { Stage, type StageHandle } from "./stage";
import { useEvent, useFootage, useStory } from "./use_event";
import { Why } from "./why";
import "./story.css";

export function Story() {
  const { id = "" } = useRoute().params;
  return <Told key={id} id={id} />;
}

const searchOf = () => location.search;
const steps = new Steps();

function Told({ id }: { id: string }) {
  const { known, take } = useEvent(id, steps.known(id));
  if (hidden.value.has(id)) return <Deleted id={id} />;
  if (known.word === "here") return <Played event={known.event} take={take} />;
  if (known.word === "asking") {
    return (
      <p class="muted pad" role="status">
        Asking for the event …
      </p>
    );
  }
  const isGone = known.word === "gone";
  return (
    <Nothing
      icon={isGone ? "bin" : "warn"}
      title={isGone ? "This event is gone" : "The event cannot be shown"}
      text={isGone ? "It was deleted, or it was older than events are kept." : known.text}
      action={
        <a class="button" href={`/events${searchOf()}`}>
          Go to the events
        </a>
      }
    />
  );
}

/** Somebody has come back to what was deleted a moment ago. */
function Deleted({ id }: { id: string }) {
  return (
    <Nothing
      icon="bin"
      title="You have deleted this event"
      action={
        <div class="buttons">
          <Button onClick={() => undelete(id)}>Undo</Button>
          <a class="button" href={`/events${searchOf()}`}>
            Go to the events
          </a>
        </div>
      }
    />
  );
}

function Played({ event, take }: { event: Event; take: Take }) {
  const { route } = useLocation();
  const story = useStory(event);
  const { footage, look } = useFootage(event);
  const wallMs = useSignal<number | null>(null);
  const hasClip = useSignal(true);
  const stage = useRef<StageHandle>(null);
  const [isNoting, setNoting] = useState(false);
  useEffect(() => announce(whatOf(event)), [event.id]);

  const goTo = async (find: Find, none: string) => {
    const found = await steps.go(event, find, searchOf(), (id) => hidden.value.has(id));
    if (found !== null) route(`/events/${found.id}${searchOf()}`);
    else announceAndTell(none);
  };
  const older = () => goTo(olderThan, "This is the oldest event.");
  const newer = () => goTo(newerThan, "This is the newest event.");
  const drop = () => {
    deleteEvent(event);
    route(`/events${searchOf()}`);
  };
  useKeys("Story", [
    { keys: "j", does: "Next event: the one before this", act: () => void told(older()), mayRepeat: true },
    { keys: "k", does: "Previous event: the one after this", act: () => void told(newer()), mayRepeat: true },
    { keys: "Enter", does: "Play or pause", act: () => stage.current?.toggle() },
    { keys: " ", does: "Play or pause", act: () => stage.current?.toggle() },
    { keys: "ArrowLeft", does: "One picture back", act: () => stage.current?.step(-1), mayRepeat: true },
    { keys: "ArrowRight", does: "One picture on", act: () => stage.current?.step(1), mayRepeat: true },
    { keys: "b", does: "Box and path on or off", act: () => stage.current?.toggleBoxes() },
    { keys: "r", needs: "events.review", does: "Reviewed or not", act: () => void told(review(event, take)) },
    { keys: "n", needs: "events.review", does: "Write a note", act: () => setNoting(true) },
    { keys: "Delete", needs: "events.delete", does: "Delete it", act: drop },
    { keys: "u", needs: "events.review", does: "Undo", act: undoLast },
    { keys: "Escape", does: "Back to the events", act: () => route(`/events${searchOf()}`) },
  ]);
  return (
    <article class="story" data-event={event.id}>
      <Head event={event} onOlder={older} onNewer={newer} />
      <div class="story-main">
        <Stage
          handle={stage}
          event={event}
          story={story}
          footage={footage}
          wallMs={wallMs}
          hasClip={hasClip}
        />
        <Acts
          event={event}
          footage={footage}
          take={take}
          wallMs={wallMs}
          onFootageChanged={look}
          onDelete={drop}
        />
        <Note event={event} take={take} isOpen={isNoting} setOpen={setNoting} />
      </div>
      <div class="story-side">
        <Lines story={story} wallMs={wallMs} hasClip={hasClip} onSeek={(ms) => stage.current?.seek(ms)} />
        <SecondLook event={event} />
        <Why event={event} />
        <Decision event={event} />
      </div>
    </article>
  );
}

function announceAndTell(words: string): void {
  announce(words);
  tell({ text: words });
}

interface HeadProps {
  event: Event;
  onOlder: () => Promise<void>;
  onNewer: () => Promise<void>;
}

function Head({ event, onOlder, onNewer }: HeadProps) {
  return (
    <header class="story-head">
      <a class="button quiet icon-only" href={`/events${searchOf()}`} aria-label="Back to the events">
        <Icon name="back" />
      </a>
      <div class="story-title">
        <h1>{tight(event.summary === "" ? event.label : event.summary)}</h1>
        <p class="story-facts">
          <Severity of={event.severity} />
          <a href={`/cameras/${event.camera_id}`}>{nameOf(event.camera_id)}</a>
          {!event.summary.includes(event.label) && <span>{event.label}</span>}
          <time dateTime={event.started_at}>{moment(Date.parse(event.started_at))}</time>
          {event.state !== "ended" && <span>{course(event)}</span>}
          {event.continues !== null && (
            <a href={`/events/${event.continues}${searchOf()}`}>goes on from an earlier one</a>
          )}
        </p>
      </div>
      <div class="buttons story-neighbours">
        <Button kind="quiet" icon="back" label="Newer event (K)" onClick={onNewer} />
        <Button kind="quiet" icon="forward" label="Older event (J)" onClick={onOlder} />
      </div>
    </header>
  );
}
