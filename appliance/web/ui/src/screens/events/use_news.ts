// What has come in by itself, while the feed is shown.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { announce } from "../../parts/announcer";
import type { Event } from "../../wire";
import { SEVERITIES } from "../../words";
import { whatAndWhere } from "./acts";
import { News } from "./news";

export type NewsBoard = ReturnType<typeof useNews>;

/** What has come in by itself: said to whoever hears the page, and counted while somebody reads further down. */
export function useNews() {
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const isTop = useRef(true);
  const say = useSaying("events");
  return {
    fresh,
    heard: (event: Event) => {
      say(`${SEVERITIES[event.severity]}: ${whatAndWhere(event)}`);
      if (!isTop.current) setFresh((before) => new Set(before).add(event.id));
    },
    onTop: (is: boolean) => {
      isTop.current = is;
      if (is) setFresh(new Set());
    },
  };
}

/** Says to whoever hears the page what comes in by itself, not more often than one can listen. */
export function useSaying(what: string): (sentence: string) => void {
  const news = useMemo(
    () =>
      new News(
        announce,
        () => performance.now(),
        (work, ms) => window.setTimeout(work, ms),
        (timer) => window.clearTimeout(timer),
        what,
      ),
    [],
  );
  useEffect(() => () => news.close(), []);
  return (sentence) => news.add(sentence);
}
