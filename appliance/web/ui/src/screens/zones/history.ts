// What was done, step by step, so that it can be undone and done again.

export interface History<T> {
  past: readonly T[];
  now: T;
  future: readonly T[];
  /** What is being done at the moment: more of the same belongs to the same step. */
  doing: string | null;
}

const MOST_STEPS = 200;

/** A history that begins with what is there. */
export const begun = <T>(now: T): History<T> => ({ past: [], now, future: [], doing: null });

/** Something was done; with the name of what was done just before it is one step with that. */
export function done<T>(history: History<T>, next: T, doing: string | null = null): History<T> {
  if (next === history.now) return history;
  if (doing !== null && doing === history.doing) return { ...history, now: next, future: [] };
  return { past: [...history.past, history.now].slice(-MOST_STEPS), now: next, future: [], doing };
}

/** What comes next is a step of its own. */
export const settled = <T>(history: History<T>): History<T> =>
  history.doing === null ? history : { ...history, doing: null };

/** One step back, where there is one. */
export function undone<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    now: before,
    future: [history.now, ...history.future],
    doing: null,
  };
}

/** One step forth again, where one was undone. */
export function redone<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future, doing: null };
}
