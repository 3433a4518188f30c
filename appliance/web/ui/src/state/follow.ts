// A list that is fetched and then kept right by messages: none is lost in between, and none counts twice.

import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Message } from "../messages";
import { type Fetch, Following } from "./following";
import { connection, listen } from "./session";

/**
 * Follow something while a component is shown: `fetch` gets it, and says up to which cursor messages are contained
 * in it; `apply` takes each later one. Messages that come while it is being fetched wait. After a reset, and
 * whenever `deps` change, it is fetched anew; an answer that is no longer wanted is dropped.
 *
 * `fetch` deals with its own failures; it returns null when there is nothing to go on from, and is asked again when
 * the box can be reached again, as is one that has not answered by then.
 */
export function useFollowed(fetch: Fetch, apply: (said: Message) => void, deps: readonly unknown[]): void {
  useEffect(() => {
    const mine = new Following(fetch, apply);
    const end = listen({ message: (said) => mine.hear(said), reset: () => void mine.begin() });
    const endOfReach = effect(() => {
      if (connection.value.word === "live") mine.reached();
      if (connection.value.word === "lost") mine.lost();
    });
    void mine.begin();
    return () => {
      end();
      endOfReach();
      mine.end();
    };
  }, deps);
}
