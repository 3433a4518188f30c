// What is asked for again and again, while somebody looks.

import { useEffect, useState } from "preact/hooks";
import { get, wordsOf } from "../../api";
import { repeat } from "./repeat";

export interface Polled<T> {
  /** The newest answer; it stays while a later one fails. */
  data: T | null;
  /** Why the latest answer did not come; null when it did. */
  problem: string | null;
}

/**
 * Ask for `path` now and every `everyMs`, as long as the page is in front; `put` takes an answer that came otherwise.
 * Without a path nothing is asked.
 */
export function usePolled<T>(path: string | null, everyMs: number): Polled<T> & { put: (data: T) => void } {
  const [polled, setPolled] = useState<Polled<T>>({ data: null, problem: null });
  const put = (data: T) => setPolled({ data, problem: null });
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    const end = repeat(async () => {
      try {
        put((await get<T>(path, stop.signal)).data);
      } catch (problem) {
        if (!stop.signal.aborted) setPolled(({ data }) => ({ data, problem: wordsOf(problem) }));
      }
    }, everyMs);
    return () => {
      end();
      stop.abort();
    };
  }, [path, everyMs]);
  return { ...polled, put };
}
