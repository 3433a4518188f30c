// The labels that occur, to choose from.

import { useEffect, useMemo, useState } from "preact/hooks";
import { get } from "../../api";
import { cameraList } from "../../state/session";
import type { Event, Items } from "../../wire";
import type { EventFilter } from "./filter";

const LOOKED_THROUGH = 200;
const seen = new Set<string>();

/** Every label of the events that were fetched, of the cameras, and of the filter itself. */
export function useLabels(filter: EventFilter, here: ReadonlySet<string> | undefined): readonly string[] {
  const [fetched, setFetched] = useState(0);
  const isNarrow = filter.label.length > 0;
  useEffect(() => {
    // What a narrow filter lets through says nothing of the others.
    if (!isNarrow || seen.size > filter.label.length) return;
    void lookThrough().then(() => setFetched((n) => n + 1));
  }, [isNarrow]);
  return useMemo(() => {
    for (const label of here ?? []) seen.add(label);
    const wanted = cameraList.value.flatMap((camera) => camera.labels ?? []);
    return [...new Set([...seen, ...wanted, ...filter.label])].sort();
  }, [here?.size, fetched, filter.label.join(), cameraList.value]);
}

async function lookThrough(): Promise<void> {
  try {
    const { data } = await get<Items<Event>>(`/events?limit=${LOOKED_THROUGH}`);
    for (const event of data.items) seen.add(event.label);
  } catch {
    // The choice is smaller for now.
  }
}
