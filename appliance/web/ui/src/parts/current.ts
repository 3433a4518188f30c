// The item of a list that the keyboard is at.

import { useEffect, useRef, useState } from "preact/hooks";

/** The name of an item that can be current; null for one that cannot, such as a head. */
export type NameOf<T> = (item: T) => string | null;

interface Current {
  id: string | null;
  /** Whether the keyboard has gone there: then it is brought into sight, and takes the focus. */
  isByKey: boolean;
}

// Where somebody was when they left a screen, by the address of its list.
let left: { list: string; id: string } | null = null;

/** The current item of a list, which `address` names; where it goes, its neighbour takes its place. */
export function useCurrent<T>(items: readonly T[], nameOf: NameOf<T>, address: string) {
  const [current, setCurrent] = useState<Current>(() => ({
    id: left?.list === address ? left.id : null,
    isByKey: true,
  }));
  const index = current.id === null ? -1 : items.findIndex((item) => nameOf(item) === current.id);
  const was = useRef(0);
  const latest = useRef({ address, id: current.id });
  latest.current = { address, id: current.id };
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) setCurrent({ id: null, isByKey: false });
    isFirst.current = false;
  }, [address]);
  useEffect(() => {
    if (index >= 0) was.current = index;
    else if (current.id !== null && items.length > 0)
      setCurrent(({ isByKey }) => ({ id: near(items, nameOf, was.current), isByKey }));
  }, [items, index]);
  useEffect(
    () => () => {
      const { address: list, id } = latest.current;
      left = id === null ? null : { list, id };
    },
    [],
  );
  return {
    id: current.id,
    index,
    isByKey: current.isByKey,
    // Of several presses in short order each goes on from the one before.
    step: (by: 1 | -1) => setCurrent(({ id }) => ({ id: stepFrom(items, nameOf, id, by), isByKey: true })),
    choose: (id: string) => setCurrent((before) => (before.id === id ? before : { id, isByKey: false })),
  };
}

/** Where the keyboard goes: `step` items on from the current one, to the first or last where none is. */
export function stepFrom<T>(
  items: readonly T[],
  nameOf: NameOf<T>,
  current: string | null,
  step: 1 | -1,
): string | null {
  const at = current === null ? -1 : items.findIndex((item) => nameOf(item) === current);
  const from = at >= 0 ? at + step : step > 0 ? 0 : items.length - 1;
  return next(items, nameOf, from, step) ?? (at >= 0 ? current : null);
}

/** The item at an index, or else the next one, or else the one before: which is current where one has gone. */
export function near<T>(items: readonly T[], nameOf: NameOf<T>, index: number): string | null {
  return next(items, nameOf, index, 1) ?? next(items, nameOf, Math.min(index, items.length) - 1, -1);
}

function next<T>(items: readonly T[], nameOf: NameOf<T>, from: number, step: 1 | -1): string | null {
  for (let at = from; at >= 0 && at < items.length; at += step) {
    const name = nameOf(items[at] as T);
    if (name !== null) return name;
  }
  return null;
}

/** Whether the focus is elsewhere: who writes in a filter is not torn away from it by what a list does. */
export function isElsewhere(list: string): boolean {
  const at = document.activeElement;
  return at !== null && at.id !== "screen" && at !== document.body && at.closest(list) === null;
}
