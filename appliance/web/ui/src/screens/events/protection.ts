// Protecting the footage of an event from being deleted for its age or for room.

import { get, post, withQuery } from "../../api";
import { tell } from "../../parts/toasts";
import { joined, noteProtected, noteReleased, protectedIds, WANTED_SINCE } from "../../state/protected";
import type { Event, Footage, ProtectedFootage } from "../../wire";
import { clock, count } from "../../words";
import { done, told } from "./acts";

// As much of it as its clip has before and after.
const AROUND_MS = 5000;

export const beginOf = (event: Event) => Date.parse(event.started_at);
const endOf = (event: Event) => Date.parse(event.ended_at ?? event.last_seen_at);

/** The footage of an event with what is shown before and after it. */
const spanOf = (event: Event) => ({
  cameraId: event.camera_id,
  fromMs: beginOf(event) - AROUND_MS,
  toMs: endOf(event) + AROUND_MS,
});

/** Its time, as the box takes it. */
const around = (event: Event) => {
  const { fromMs, toMs } = spanOf(event);
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
};

/** Where one asks what there is of an event's footage. */
export const footagePath = (event: Event) => withQuery(`/cameras/${event.camera_id}/footage`, around(event));

/** How much of some footage is protected; none where nothing is recorded. */
export function guardOf(footage: Footage | null): "none" | "some" | "all" {
  const recorded = footage?.items.filter((one) => one.state === "recorded") ?? [];
  if (!recorded.some((one) => one.protected)) return "none";
  return recorded.every((one) => one.protected) ? "all" : "some";
}

/** Protect an event's footage, or let go of it where it is known to be protected. */
export async function turnProtection(event: Event): Promise<void> {
  if (protectedIds.value.has(event.id)) return setProtection(event, false, false);
  const guard = guardOf((await get<Footage>(footagePath(event))).data);
  if (guard !== "all") return setProtection(event, true, guard === "none");
  noteProtected(spanOf(event), event.id);
  tell({ text: "Its footage is protected already." });
}

/**
 * Protect it, or let go of it. With `canUndo` that can be taken back: not where some of it was protected before, or is
 * since, which would be let go of as well.
 */
export async function setProtection(
  event: Event,
  isWanted: boolean,
  canUndo: boolean,
  changed: () => void = () => {},
): Promise<void> {
  const body = { ...around(event), protected: isWanted };
  const { data } = await post<ProtectedFootage>(`/cameras/${event.camera_id}/footage/protect`, body);
  const { segments, from, to } = data;
  if (!isWanted) noteReleased(event.camera_id);
  changed();
  if (segments === 0 || from === null || to === null) {
    tell({ text: "Nothing of it is recorded, so there is nothing to protect." });
    return;
  }
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const when = `${clock(fromMs)} to ${clock(toMs)}`;
  const text = isWanted
    ? `Protected from being deleted: ${count(segments, "file")}, from ${when}.`
    : `Not protected any more: the footage from ${when} goes when its time has come.`;
  const span = joined(spanOf(event), { fromMs, toMs });
  const isUnwanted = isWanted ? noteProtected(span, event.id) : () => true;
  const takeBack = () => {
    if (isUnwanted()) return told(setProtection(event, !isWanted, false, changed));
    tell({ text: WANTED_SINCE });
    return false;
  };
  if (canUndo) done(text, takeBack, isUnwanted);
  else tell({ text, tone: "good" });
}
