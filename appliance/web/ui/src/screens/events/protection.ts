// Protecting the footage of an event from being deleted for its age or for room.

import { signal } from "@preact/signals";
import { get, post, withQuery } from "../../api";
import { tell } from "../../parts/toasts";
import type { Event, Footage, ProtectedFootage } from "../../wire";
import { clock, count } from "../../words";
import { done, told } from "./acts";

// As much of it as its clip has before and after.
const AROUND_MS = 5000;

/** Ids of the events whose footage is known to be protected. */
export const protectedIds = signal<ReadonlySet<string>>(new Set());

export const beginOf = (event: Event) => Date.parse(event.started_at);
const endOf = (event: Event) => Date.parse(event.ended_at ?? event.last_seen_at);

/** The time of an event with what is shown before and after it. */
export const around = (event: Event) => ({
  from: new Date(beginOf(event) - AROUND_MS).toISOString(),
  to: new Date(endOf(event) + AROUND_MS).toISOString(),
});

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
  know(event.id, true);
  tell({ text: "Its footage is protected already." });
}

/**
 * Protect it, or let go of it. With `canUndo` that can be taken back: not where some of it was protected before, which
 * would be let go of as well.
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
  know(event.id, isWanted && segments > 0);
  changed();
  if (segments === 0 || from === null || to === null) {
    tell({ text: "Nothing of it is recorded, so there is nothing to protect." });
    return;
  }
  const when = `${clock(Date.parse(from))} to ${clock(Date.parse(to))}`;
  const text = isWanted
    ? `Protected from being deleted: ${count(segments, "file")}, from ${when}.`
    : `Not protected any more: the footage from ${when} goes when its time has come.`;
  if (canUndo) done(text, () => void told(setProtection(event, !isWanted, false, changed)));
  else tell({ text, tone: "good" });
}

function know(id: string, isProtected: boolean): void {
  const ids = new Set(protectedIds.value);
  if (isProtected) ids.add(id);
  else ids.delete(id);
  protectedIds.value = ids;
}
