// What is asked for again and again, while somebody looks.

import { useEffect, useState } from "preact/hooks";
import { get, wordsOf } from "../../api";

export interface Polled<T> {
  /** The newest answer; it stays while a later one fails. */
  data: T | null;
  /** Why the latest answer did not come; null when it did. */
  problem: string | null;
}

/** Ask for `path` now and every `everyMs`, as long as the page is in front; at once when it comes back there. */
export function usePolled<T>(path: string, everyMs: number): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ data: null, problem: null });
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    const ask = async () => {
      clearTimeout(timer);
      if (document.hidden) return;
      try {
        const { data } = await get<T>(path, stop.signal);
        setPolled({ data, problem: null });
      } catch (problem) {
        if (stop.signal.aborted) return;
        setPolled(({ data }) => ({ data, problem: wordsOf(problem) }));
      }
      if (!stop.signal.aborted) timer = window.setTimeout(ask, everyMs);
    };
    document.addEventListener("visibilitychange", ask);
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, [path, everyMs]);
  return polled;
}
