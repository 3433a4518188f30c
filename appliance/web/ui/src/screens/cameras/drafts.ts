// What was written and is not saved yet: it is there again when somebody comes back to it.

import { useEffect, useRef, useState } from "preact/hooks";

/** By the form's name, for as long as the page is open; passwords are not kept. */
const kept = new Map<string, object>();

export interface Draft<T> {
  /** What was written, as far as anything was. */
  written: Partial<T>;
  put: (change: Partial<T>) => void;
  /** It is saved, or nobody wants it any more. */
  drop: () => void;
}

export function useDraft<T extends { password: string }>(name: string): Draft<T> {
  const [written, setWritten] = useState<Partial<T>>(() => (kept.get(name) ?? {}) as Partial<T>);
  const newest = useRef(written);
  const isEmpty = Object.keys(written).length === 0;
  useEffect(() => {
    if (isEmpty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isEmpty]);
  // At once, and not with the next picture of the page: what is saved may leave the page before that.
  const set = (next: Partial<T>) => {
    const { password: _, ...rest } = next;
    kept.set(name, rest);
    newest.current = next;
    setWritten(next);
  };
  return {
    written,
    put: (change) => set({ ...newest.current, ...change }),
    drop: () => set({}),
  };
}
