// What nearly became an event or an alert: the filter in the address, and the list.

import type { Candidate } from "../../wire";

export interface Wish {
  camera: string;
  what: Candidate["what"] | "";
}

/** The filter that an address names; what makes no sense there is no condition. */
export function wishOf(query: Record<string, string>): Wish {
  const { camera = "", what } = query;
  return { camera, what: what === "event" || what === "alert" ? what : "" };
}

/** `Person: no event`, `Person: no alert by “Night”`. */
export function titleOf({ label, what, rule_name }: Candidate): string {
  const name = label.charAt(0).toUpperCase() + label.slice(1);
  if (what === "event") return `${name}: no event`;
  return rule_name === null ? `${name}: no alert` : `${name}: no alert by “${rule_name}”`;
}

/** The middle of its time, where its picture is likely to show it. */
export function momentOf({ started_at, last_seen_at }: Candidate): string {
  return new Date((Date.parse(started_at) + Date.parse(last_seen_at)) / 2).toISOString();
}

/** Where it can be looked at: its event, or the footage of its time. */
export function linkTo(candidate: Candidate): string {
  if (candidate.event_id !== null) return `/events/${candidate.event_id}`;
  return `/footage?${new URLSearchParams({ camera: candidate.camera_id, at: candidate.started_at })}`;
}

/** Put newer ones on top; what is there already stays. */
export function renewed(items: readonly Candidate[], newest: readonly Candidate[]): readonly Candidate[] {
  const known = new Set(items.map(({ id }) => id));
  const fresh = newest.filter(({ id }) => !known.has(id));
  return fresh.length === 0 ? items : [...fresh, ...items].sort(byTime);
}

const byTime = (one: Candidate, other: Candidate) =>
  other.started_at.localeCompare(one.started_at) || other.id.localeCompare(one.id);
