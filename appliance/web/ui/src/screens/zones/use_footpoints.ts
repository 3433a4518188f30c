// Where the objects of the last hour stood, as the box has it.

import { useEffect, useMemo, useState } from "preact/hooks";
import { get, withQuery, wordsOf } from "../../api";
import type { Footpoint, Footpoints } from "../../wire";
import { caughtBy, crossingsOf, objectsIn, waysOf } from "./footpoints";
import type { Shape } from "./scene";

const BACK_MS = 3_600_000;
const AGAIN_MS = 30_000;
const NONE: readonly Footpoint[] = [];

export interface LastHour {
  points: readonly Footpoint[];
  /** How many objects there were; null until that is known. */
  objects: number | null;
  problem: string | null;
  /** What a shape would have caught, in a few words; null for a mask of motion, or where nothing is known. */
  noteOf: (shape: Shape) => string | null;
}

export function useLastHour(cameraId: string): LastHour {
  const [points, setPoints] = useState<readonly Footpoint[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const look = async () => {
      const nowMs = Date.now();
      const range = { from: new Date(nowMs - BACK_MS).toISOString(), to: new Date(nowMs).toISOString() };
      try {
        const path = withQuery(`/cameras/${cameraId}/footpoints`, range);
        setPoints((await get<Footpoints>(path, stop.signal)).data.points);
        setProblem(null);
      } catch (refused) {
        if (!stop.signal.aborted) setProblem(wordsOf(refused));
      }
    };
    void look();
    const timer = setInterval(() => !document.hidden && void look(), AGAIN_MS);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [cameraId]);
  return useMemo(() => lastHour(points, problem), [points, problem]);
}

function lastHour(known: readonly Footpoint[] | null, problem: string | null): LastHour {
  const points = known ?? NONE;
  const ways = waysOf(points);
  return {
    points,
    problem,
    objects: known === null ? null : objectsIn(points),
    noteOf: (shape) => {
      // What it hides is no object.
      if (known === null || (shape.kind === "mask" && shape.hides === "motion")) return null;
      if (shape.kind !== "line") return String(caughtBy(shape, points).size);
      const { forward, backward } = crossingsOf(shape, ways);
      if (shape.counts === "both") return `${forward} / ${backward}`;
      return String(forward + backward);
    },
  };
}
