// One event with its story and what there is of its footage, kept right by messages.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { get, Refusal, withQuery, wordsOf } from "../../api";
import { useFollowed } from "../../state/follow";
import type { Event, Footage, Story } from "../../wire";

export type Known =
  | { word: "asking" }
  | { word: "gone" }
  | { word: "failed"; text: string }
  | { word: "here"; event: Event };

const RETRY_MS = 3000;
const STORY_EVERY_MS = 3000;
// As much of it as its clip has before and after.
const AROUND_MS = 5000;

export const beginOf = (event: Event) => Date.parse(event.started_at);
export const endOf = (event: Event) => Date.parse(event.ended_at ?? event.last_seen_at);

/** The time of an event with what is shown before and after it. */
export const around = (event: Event) => ({
  from: new Date(beginOf(event) - AROUND_MS).toISOString(),
  to: new Date(endOf(event) + AROUND_MS).toISOString(),
});

/** The event; `take` takes what the server has just answered of it, before its message comes. */
export function useEvent(id: string) {
  const [known, setKnown] = useState<Known>({ word: "asking" });
  const [attempt, setAttempt] = useState(0);
  const newest = useRef(0);
  const take = useCallback((event: Event, cursor: number) => {
    if (cursor < newest.current) return;
    newest.current = cursor;
    setKnown({ word: "here", event });
  }, []);
  useFollowed(
    async (signal) => {
      try {
        const { data, cursor } = await get<Event>(`/events/${encodeURIComponent(id)}`, signal);
        newest.current = cursor;
        setKnown({ word: "here", event: data });
        return cursor;
      } catch (problem) {
        if (signal.aborted) return null;
        if (problem instanceof Refusal && problem.status === 404) setKnown({ word: "gone" });
        else {
          setKnown((now) => (now.word === "here" ? now : { word: "failed", text: wordsOf(problem) }));
          setTimeout(() => setAttempt((n) => n + 1), RETRY_MS);
        }
        return null;
      }
    },
    (said) => {
      if (said.type === "event_updated" && said.data.id === id) take(said.data, said.cursor ?? 0);
      else if (said.type === "event_deleted" && said.data.id === id) setKnown({ word: "gone" });
    },
    [id, attempt],
  );
  return { known, take };
}

/** The story of an event, told anew as it goes on. */
export function useStory(event: Event): Story | null {
  const [story, setStory] = useState<Story | null>(null);
  const toldMs = useRef(0);
  useEffect(() => {
    const stop = new AbortController();
    const wait = event.state === "open" ? Math.max(0, toldMs.current + STORY_EVERY_MS - Date.now()) : 0;
    const timer = setTimeout(async () => {
      toldMs.current = Date.now();
      try {
        setStory((await get<Story>(`/events/${event.id}/story`, stop.signal)).data);
      } catch {
        // The event itself says that it is gone, and the frame that the box does not answer.
      }
    }, wait);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [event.id, event.state, event.last_seen_at]);
  return story;
}

/** What was recorded of an event's time; `look` asks anew. */
export function useFootage(event: Event) {
  const [footage, setFootage] = useState<Footage | null>(null);
  const [looks, setLooks] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    const path = withQuery(`/cameras/${event.camera_id}/footage`, around(event));
    get<Footage>(path, stop.signal).then(
      ({ data }) => setFootage(data),
      // A camera that is gone has no footage that could be asked for.
      () => {},
    );
    return () => stop.abort();
  }, [event.id, event.state, looks]);
  return { footage, look: () => setLooks((n) => n + 1) };
}
