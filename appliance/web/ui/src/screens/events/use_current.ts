// The event that the keyboard is at.

import { useEffect, useRef, useState } from "preact/hooks";
import { eventNear, type Row, stepFrom } from "./rows";

interface Current {
  id: string | null;
  /** Whether the keyboard has gone there: then it is brought into sight, and takes the focus. */
  isByKey: boolean;
}

// Where somebody was when they left the screen, by the address of the feed.
let left: { feed: string; id: string } | null = null;

/** The current event of a feed, whose `address` names it; where it goes, its neighbour takes its place. */
export function useCurrent(rows: readonly Row[], address: string) {
  const [current, setCurrent] = useState<Current>(() => ({
    id: left?.feed === address ? left.id : null,
    isByKey: true,
  }));
  const index = current.id === null ? -1 : rows.findIndex((row) => row.key === current.id);
  const was = useRef(0);
  const latest = useRef({ address, id: current.id });
  latest.current = { address, id: current.id };
  useEffect(() => {
    if (index >= 0) was.current = index;
    else if (current.id !== null && rows.length > 0)
      setCurrent(({ isByKey }) => ({ id: eventNear(rows, was.current), isByKey }));
  }, [rows, index]);
  useEffect(
    () => () => {
      const { address: feed, id } = latest.current;
      left = id === null ? null : { feed, id };
    },
    [],
  );
  return {
    id: current.id,
    index,
    isByKey: current.isByKey,
    step: (by: 1 | -1) =>
      setCurrent({ id: stepFrom(rows, index < 0 ? null : current.id, by), isByKey: true }),
    choose: (id: string) => setCurrent((before) => (before.id === id ? before : { id, isByKey: false })),
  };
}
