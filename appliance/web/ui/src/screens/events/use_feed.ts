// The feed of a filter while the screen is shown; for a while after it was left it is kept, to come back to.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Refusal, wordsOf } from "../../api";
import type { Message } from "../../messages";
import { useFollowed } from "../../state/follow";
import { listen } from "../../state/session";
import { Feed, type OnNews } from "./feed";
import { addressOf, type EventFilter } from "./filter";

const RETRY_MS = 3000;
const KEPT_MS = 10 * 60_000;
// Messages come in bursts; the list is laid out once for each, and a long one less often.
const gatherMs = (feed: Feed | null) => 40 + Math.min(300, (feed?.store.entries.length ?? 0) / 300);

const isRefused = (problem: unknown) =>
  problem instanceof Refusal && problem.status >= 400 && problem.status < 500;

interface Shown {
  feed: Feed | null;
  /** Grows with everything that changes. */
  version: number;
  problem: string | null;
}

/** The feed of a filter; null until its first page is there, when that of another filter may still be shown. */
export function useFeed(filter: EventFilter, news: OnNews) {
  const key = addressOf("/events", filter);
  const [shown, setShown] = useState<Shown>({ feed: null, version: 0, problem: null });
  const [attempt, setAttempt] = useState(0);
  const current = useRef<Feed | null>(null);
  const gather = useRef(0);
  const onNews = useRef(news);
  onNews.current = news;
  const changed = useCallback(() => {
    if (gather.current !== 0) return;
    gather.current = window.setTimeout(() => {
      gather.current = 0;
      setShown((before) => ({ ...before, feed: current.current, version: before.version + 1 }));
    }, gatherMs(current.current));
  }, []);

  useFollowed(
    async (signal) => {
      const kept = takeKept(key, changed);
      const feed = kept ?? new Feed(filter, changed);
      try {
        const cursor = kept === null ? await feed.begin(signal) : 0;
        current.current = feed;
        setShown(({ version }) => ({ feed, version: version + 1, problem: null }));
        return cursor;
      } catch (problem) {
        if (signal.aborted) return null;
        if (isRefused(problem)) {
          // A filter that the box does not understand: it will not either in three seconds.
          setShown(({ version }) => ({ feed: null, version, problem: wordsOf(problem) }));
          return null;
        }
        setShown((before) => ({ ...before, problem: `${wordsOf(problem)} Trying again …` }));
        window.setTimeout(() => !signal.aborted && setAttempt((n) => n + 1), RETRY_MS);
        return null;
      }
    },
    (said) => current.current?.apply(said, onNews.current),
    [key, attempt],
  );
  useEffect(
    () => () => {
      window.clearTimeout(gather.current);
      if (current.current !== null) keep(addressOf("/events", current.current.filter), current.current);
    },
    [],
  );
  return shown;
}

interface Kept {
  key: string;
  feed: Feed;
  end: () => void;
}

let kept: Kept | null = null;

// Messages go on to be applied, so that it is right when somebody comes back.
function keep(key: string, feed: Feed): void {
  kept?.end();
  feed.changed = () => {};
  const end = listen({ message: (said: Message) => feed.apply(said, () => {}), reset: dropKept });
  const timer = window.setTimeout(dropKept, KEPT_MS);
  kept = {
    key,
    feed,
    end: () => {
      end();
      window.clearTimeout(timer);
    },
  };
}

function dropKept(): void {
  kept?.end();
  kept = null;
}

function takeKept(key: string, changed: () => void): Feed | null {
  const found = kept;
  dropKept();
  if (found === null || found.key !== key) return null;
  found.feed.changed = changed;
  return found.feed;
}
