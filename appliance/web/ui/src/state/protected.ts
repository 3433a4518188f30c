// What is known to be protected, by whichever screen. The box protects whole files: whoever lets go of something lets
// go of all else in its files as well.

import { computed, signal } from "@preact/signals";

/** Some footage, both ends included. */
export interface Span {
  cameraId: string;
  fromMs: number;
  toMs: number;
}

// By event, its camera.
const known = signal<ReadonlyMap<string, string>>(new Map());
/** Ids of the events whose footage is known to be protected. */
export const protectedIds = computed<ReadonlySet<string>>(() => new Set(known.value.keys()));

// All that somebody wanted protected since the page was opened, whether it had to be asked for or was so already.
const wanted: Span[] = [];

/**
 * Note that somebody wants this protected, and that it is; `eventId` where it is that of an event. Returns whether
 * nothing in it was wanted since: only then may it be let go of to take that back.
 */
export function noteProtected(span: Span, eventId?: string): () => boolean {
  if (eventId !== undefined) known.value = new Map(known.value).set(eventId, span.cameraId);
  const before = wanted.push(span);
  return () => !wanted.slice(before).some((other) => meet(span, other));
}

/** Note that some footage of a camera is not protected any more: of all its events that has to be asked anew. */
export function noteReleased(cameraId: string): void {
  known.value = new Map([...known.value].filter(([, camera]) => camera !== cameraId));
}

/** The two together, with what lies between them. */
export const joined = (one: Span, other: Omit<Span, "cameraId">): Span => ({
  cameraId: one.cameraId,
  fromMs: Math.min(one.fromMs, other.fromMs),
  toMs: Math.max(one.toMs, other.toMs),
});

const meet = (one: Span, other: Span) =>
  one.cameraId === other.cameraId && one.fromMs <= other.toMs && one.toMs >= other.fromMs;

/** What to say where something is not let go of for that reason. */
export const WANTED_SINCE = "It stays protected: more of the same footage was protected after that.";
