// What can be done with an event: each act tells how it went, and can be undone where that is possible.

import { signal } from "@preact/signals";
import { patch, Refusal, remove, wordsOf } from "../../api";
import { announce } from "../../parts/announcer";
import { begin, type Pending, tellTooLate, WAIT_MS } from "../../parts/later";
import { tell } from "../../parts/toasts";
import { listen, nameOf } from "../../state/session";
import type { Event } from "../../wire";
import { count } from "../../words";

/** Takes what the server answered of an event. */
export type Take = (event: Event, cursor: number) => void;

/** Ids of the events whose deletion is pending, or under way. */
export const hidden = signal<ReadonlySet<string>>(new Set());

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

/** Say what was done, with its undo, which answers whether it worked; the key U takes the newest back. */
export function done(text: string, undo: () => boolean | Promise<boolean>, isPossible = () => true): void {
  const one: Undo = { undo, isPossible, drop: () => {} };
  one.undo = async () => {
    const at = undos.indexOf(one);
    if (at >= 0) undos.splice(at, 1);
    if (await undo()) announce(`Taken back: ${text}`);
  };
  one.drop = tell({ text, undo: one.undo, ms: WAIT_MS });
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

const deletions = new Map<string, Pending>();
listen({ message: (said) => void (said.type === "event_deleted" && isGone(said.data.id)) });

function hide(id: string): void {
  hidden.value = new Set(hidden.value).add(id);
}

function show(id: string): void {
  deletions.delete(id);
  if (hidden.value.has(id)) hidden.value = new Set([...hidden.value].filter((one) => one !== id));
}

// Somebody else may have deleted it meanwhile.
function isGone(id: string): void {
  deletions.get(id)?.forget();
  show(id);
}

async function askToDelete(id: string): Promise<void> {
  try {
    await remove(`/events/${id}`);
  } catch (problem) {
    if (!(problem instanceof Refusal) || problem.status !== 404) throw problem;
  }
}

/** Out of sight at once, and deleted some seconds later; it stays hidden until that is told. */
export function deleteEvent(event: Event): void {
  const { id } = event;
  if (hidden.value.has(id)) return;
  hide(id);
  const pending = begin({ act: () => askToDelete(id), back: () => show(id), failure: "Not deleted" });
  deletions.set(id, pending);
  done(`Deleted: ${whatOf(event)}`, () => undelete(id), pending.isPending);
}

/** Have an event back that is about to be deleted; false, and told, where it is too late. */
export function undelete(id: string): boolean {
  const isBack = deletions.get(id)?.undo() ?? false;
  if (!isBack) tellTooLate();
  return isBack;
}

/** Set or take away the review mark. */
export async function review(event: Event, take: Take): Promise<void> {
  const reviewed = !event.reviewed;
  await setReviewed(event.id, reviewed, take);
  done(reviewed ? `Reviewed: ${whatOf(event)}` : `Not reviewed any more: ${whatOf(event)}`, () =>
    told(setReviewed(event.id, !reviewed, take)),
  );
}

/** Mark several as reviewed that are not yet. */
export async function reviewSeveral(events: readonly Event[], take: Take): Promise<void> {
  const wanted = events.filter((event) => !event.reviewed);
  const setAll = (reviewed: boolean) => Promise.all(wanted.map(({ id }) => setReviewed(id, reviewed, take)));
  await setAll(true);
  done(`${count(wanted.length, "event")} marked as reviewed.`, () => told(setAll(false)));
}

async function setReviewed(id: string, reviewed: boolean, take: Take): Promise<void> {
  const { data, cursor } = await patch<Event>(`/events/${id}`, { reviewed });
  take(data, cursor);
}

export async function setNote(id: string, note: string, take: Take): Promise<void> {
  const { data, cursor } = await patch<Event>(`/events/${id}`, { note });
  take(data, cursor);
}

/** Have a failure told in a toast; answers whether there was none. */
export async function told(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (problem) {
    tell({ text: wordsOf(problem), tone: "bad" });
    return false;
  }
}
