// What was written and is not saved yet: it is there again when somebody comes back to it.

import { useEffect, useState } from "preact/hooks";

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
  const isEmpty = Object.keys(written).length === 0;
  useEffect(() => {
    const { password: _, ...rest } = written;
    if (Object.keys(rest).length === 0) kept.delete(name);
    else kept.set(name, rest);
  }, [name, written]);
  useEffect(() => {
    if (isEmpty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isEmpty]);
  return {
    written,
    put: (change) => setWritten((old) => ({ ...old, ...change })),
    drop: () => setWritten({}),
  };
}
