// A list that is fetched and then kept right by messages: none is lost in between, and none counts twice.

import { useEffect } from "preact/hooks";
import type { Message } from "../messages";
import { listen } from "./session";

/**
 * Follow something while a component is shown: `fetch` gets it, and says up to which cursor messages are contained
 * in it; `apply` takes each later one. Messages that come while it is being fetched wait. After a reset, and
 * whenever `deps` change, it is fetched anew; an answer that is no longer wanted is dropped.
 *
 * `fetch` deals with its own failures; it returns null when there is nothing to go on from.
 */
export function useFollowed(
  fetch: (signal: AbortSignal) => Promise<number | null>,
  apply: (said: Message) => void,
  deps: readonly unknown[],
): void {
  useEffect(() => {
    let stop = new AbortController();
    let contained: number | null = null;
    let waiting: Message[] = [];
    const take = (said: Message) => {
      if (said.cursor === undefined || said.cursor > (contained ?? 0)) apply(said);
    };
    const begin = async () => {
      stop.abort();
      stop = new AbortController();
      const { signal } = stop;
      contained = null;
      waiting = [];
      const cursor = await fetch(signal);
      if (signal.aborted || cursor === null) return;
      contained = cursor;
      for (const said of waiting.splice(0)) take(said);
    };
    const end = listen({
      message: (said) => (contained === null ? void waiting.push(said) : take(said)),
      reset: begin,
    });
    void begin();
    return () => {
      end();
      stop.abort();
    };
  }, deps);
}
