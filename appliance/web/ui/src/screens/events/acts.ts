// What can be done with an event: each act tells how it went, and can be undone where that is possible.

import { signal } from "@preact/signals";
import { patch, post, Refusal, remove, wordsOf } from "../../api";
import { tell } from "../../parts/toasts";
import { listen, nameOf } from "../../state/session";
import type { Event, ProtectedFootage } from "../../wire";
import { count } from "../../words";
import { Deletions, UNDO_MS } from "./deletions";

// As much of it as its clip has before and after.
const AROUND_MS = 5000;

/** Takes what the server answered of an event. */
export type Take = (event: Event, cursor: number) => void;

/** Ids of the events whose deletion is pending, or under way. */
export const hidden = signal<ReadonlySet<string>>(new Set());
/** Ids of the events whose footage was protected from here. */
export const protectedIds = signal<ReadonlySet<string>>(new Set());

/** What an event is called: its summary, or its label until it has one. */
export const whatOf = (event: Event) => event.summary || event.label;

/** The same with the camera, which most summaries name already. */
export function whatAndWhere(event: Event): string {
  const [what, camera] = [whatOf(event), nameOf(event.camera_id)];
  return what.includes(camera) ? what : `${what} at ${camera}`;
}

interface Undo {
  undo: () => void;
  isPossible: () => boolean;
  /** Takes away what is told of it. */
  drop: () => void;
}

const undos: Undo[] = [];
const MOST_UNDOS = 20;

// Say what was done, with its undo; the key U takes the newest back.
function done(text: string, undo: () => void, isPossible = () => true): void {
  const one: Undo = { undo, isPossible, drop: () => {} };
  const once = () => {
    const at = undos.indexOf(one);
    if (at >= 0) undos.splice(at, 1);
    undo();
  };
  one.undo = once;
  one.drop = tell({ text, undo: once, ms: UNDO_MS });
  undos.push(one);
  if (undos.length > MOST_UNDOS) undos.shift();
}

/** Take back what was done last. */
export function undoLast(): void {
  const last = undos.findLast((one) => one.isPossible());
  if (last === undefined) {
    tell({ text: "There is nothing to undo." });
    return;
  }
  last.drop();
  last.undo();
}

export const deletions = new Deletions({
  send: (id, isLeaving) => (isLeaving ? askWhileLeaving(id) : askToDelete(id)),
  changed: (ids) => {
    hidden.value = ids;
  },
  failed: (_id, problem) => tell({ text: `Not deleted: ${wordsOf(problem)}`, tone: "bad" }),
  setTimeout: (work, ms) => window.setTimeout(work, ms),
  clearTimeout: (timer) => window.clearTimeout(timer),
});
addEventListener("pagehide", () => deletions.leave());
listen({ message: (said) => said.type === "event_deleted" && deletions.gone(said.data.id) });

async function askToDelete(id: string): Promise<void> {
  try {
    await remove(`/events/${id}`);
  } catch (problem) {
    // Somebody else was faster.
    if (!(problem instanceof Refusal) || problem.status !== 404) throw problem;
  }
}

async function askWhileLeaving(id: string): Promise<void> {
  await fetch(`/api/v1/events/${id}`, { method: "DELETE", keepalive: true });
}

export function deleteEvent(event: Event): void {
  const { id } = event;
  deletions.add(id);
  const isPossible = () => deletions.isPending(id);
  const undo = () => {
    if (!deletions.undo(id)) tell({ text: "It is too late: the event is deleted.", tone: "bad" });
  };
  done(`Deleted: ${whatOf(event)}`, undo, isPossible);
}

/** Set or take away the review mark. */
export async function review(event: Event, take: Take): Promise<void> {
  const reviewed = !event.reviewed;
  await setReviewed(event.id, reviewed, take);
  done(reviewed ? `Reviewed: ${whatOf(event)}` : `Not reviewed any more: ${whatOf(event)}`, () => {
    void told(setReviewed(event.id, !reviewed, take));
  });
}

/** Mark several as reviewed that are not yet. */
export async function reviewSeveral(events: readonly Event[], take: Take): Promise<void> {
  const wanted = events.filter((event) => !event.reviewed);
  const setAll = (reviewed: boolean) => Promise.all(wanted.map(({ id }) => setReviewed(id, reviewed, take)));
  await setAll(true);
  done(`${count(wanted.length, "event")} marked as reviewed.`, () => void told(setAll(false)));
}

async function setReviewed(id: string, reviewed: boolean, take: Take): Promise<void> {
  const { data, cursor } = await patch<Event>(`/events/${id}`, { reviewed });
  take(data, cursor);
}

export async function setNote(id: string, note: string, take: Take): Promise<void> {
  const { data, cursor } = await patch<Event>(`/events/${id}`, { note });
  take(data, cursor);
}

/** Protect the footage of an event from being deleted, or let go of what was protected from here. */
export async function protect(event: Event): Promise<void> {
  if (protectedIds.value.has(event.id)) {
    await setProtected(event, false);
    tell({ text: "Its footage is not protected any more." });
    return;
  }
  const { segments } = await setProtected(event, true);
  if (segments === 0) {
    tell({ text: "Nothing is protected: there is no footage of this event (yet)." });
    return;
  }
  done(`Its footage is protected: it stays until you let go of it.`, () => {
    void told(setProtected(event, false));
  });
}

async function setProtected(event: Event, isProtected: boolean): Promise<ProtectedFootage> {
  const { data } = await post<ProtectedFootage>(`/cameras/${event.camera_id}/footage/protect`, {
    from: new Date(Date.parse(event.started_at) - AROUND_MS).toISOString(),
    to: new Date(Date.parse(event.ended_at ?? event.last_seen_at) + AROUND_MS).toISOString(),
    protected: isProtected,
  });
  const ids = new Set(protectedIds.value);
  if (isProtected && data.segments > 0) ids.add(event.id);
  else ids.delete(event.id);
  protectedIds.value = ids;
  return data;
}

/** Have a failure told in a toast. */
export async function told(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (problem) {
    tell({ text: wordsOf(problem), tone: "bad" });
  }
}
