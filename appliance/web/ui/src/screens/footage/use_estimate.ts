// How large an export will be: from the bytes that are recorded where that is quickly asked, else from the bitrate.

import { useEffect, useState } from "preact/hooks";
import { picture, withQuery } from "../../api";
import { figures } from "../../state/session";
import { within } from "./coverage";
import type { Desk } from "./desk";
import type { View } from "./scale";
import { bytesAt, bytesOf, EXACT_SIZE_MS } from "./size";

const SETTLE_MS = 400;

/** `bytes` is null where neither is known; `of` is what it was made for. */
export interface Estimate {
  of: string;
  bytes: number | null;
}

export function useEstimate(desk: Desk, cameras: readonly string[], marked: View | null): Estimate | null {
  const [estimate, setEstimate] = useState<Estimate | null>(null);
  const of = [...cameras, marked?.fromMs, marked?.toMs].join("/");
  useEffect(() => {
    if (marked === null) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      const sizes = await Promise.all(cameras.map((id) => sizeOf(desk, id, marked, stop.signal)));
      if (stop.signal.aborted) return;
      const isKnown = sizes.every((one) => one !== null);
      setEstimate({ of, bytes: isKnown ? sizes.reduce((sum, one) => sum + (one ?? 0), 0) : null });
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [of]);
  // The size of what was marked before is none of what is marked now.
  return marked === null || estimate?.of !== of ? null : estimate;
}

async function sizeOf(
  desk: Desk,
  cameraId: string,
  marked: View,
  signal: AbortSignal,
): Promise<number | null> {
  const { fromMs, toMs } = marked;
  if (toMs - fromMs <= EXACT_SIZE_MS) {
    try {
      const range = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
      const list = await picture(withQuery(`/cameras/${cameraId}/footage.m3u8`, range), signal);
      return bytesOf(await list.text());
    } catch {
      // What the camera sends just now says it well enough.
    }
  }
  const rate = figures.value.get(cameraId)?.bitrate_bps;
  if (typeof rate !== "number") return null;
  const { recorded } = within(desk.held.intervals(cameraId, fromMs, toMs), fromMs, toMs);
  return bytesAt(rate, desk.held.isWhole(cameraId, fromMs, toMs) ? recorded : toMs - fromMs);
}
