// One event with its story and what there is of its footage, kept right by messages.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { get, Refusal, wordsOf } from "../../api";
import { useFollowed } from "../../state/follow";
import { listen } from "../../state/session";
import type { Event, EventWhy, Footage, Story } from "../../wire";
import { footagePath } from "../events/protection";

export type Known =
  | { word: "asking" }
  | { word: "gone" }
  | { word: "failed"; text: string }
  | { word: "here"; event: Event };

const RETRY_MS = 3000;
const EVERY_MS = 3000;
/** The event, first as it was `listed`; `take` takes what the server has just answered of it, before its message comes. */
export function useEvent(id: string, listed: Event | null) {
  const [known, setKnown] = useState<Known>(
    listed === null ? { word: "asking" } : { word: "here", event: listed },
  );
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
          setTimeout(() => !signal.aborted && setAttempt((n) => n + 1), RETRY_MS);
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
export const useStory = (event: Event) => useAsked<Story>(event, `/events/${event.id}/story`).found;

/** Why it is an event, and who was told of it, asked anew as it goes on. */
export const useWhy = (event: Event) => useAsked<EventWhy>(event, `/events/${event.id}/why`).found;

/** What was recorded of an event's time, looked at anew as it goes on; `look` asks at once. */
export function useFootage(event: Event) {
  const { found, ask } = useAsked<Footage>(event, footagePath(event));
  return { footage: found, look: ask };
}

/** What is asked of an event: anew while it goes on, and as long as the box does not answer. */
function useAsked<T>(event: Event, path: string) {
  const [found, setFound] = useState<T | null>(null);
  const [asks, setAsks] = useState(0);
  const askedMs = useRef(0);
  const ask = () => {
    askedMs.current = 0;
    setAsks((n) => n + 1);
  };
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  useEffect(() => listen({ reset: ask }), []);
  useEffect(() => {
    const { signal } = stop.current;
    let timer = 0;
    const fetch = async () => {
      askedMs.current = Date.now();
      try {
        setFound((await get<T>(path, signal)).data);
      } catch (problem) {
        // What is gone, event or camera, has nothing that could be asked for.
        const isRefused = problem instanceof Refusal && problem.status >= 400 && problem.status < 500;
        if (!signal.aborted && !isRefused) timer = window.setTimeout(fetch, RETRY_MS);
      }
    };
    timer = window.setTimeout(fetch, Math.max(0, askedMs.current + EVERY_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [path, event.state, event.last_seen_at, asks]);
  return { found, ask };
}
