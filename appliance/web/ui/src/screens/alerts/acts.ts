// What can be done with alerts.

import { computed, signal } from "@preact/signals";
import { post } from "../../api";
import { announce } from "../../parts/announcer";
import { later, type Pending } from "../../parts/later";
import { tell } from "../../parts/toasts";
import { putAlert } from "../../state/session";
import type { Alert, HandledAlerts } from "../../wire";
import { count } from "../../words";

const TOLD_WITHIN_MS = 5000;

type Take = (alert: Alert) => void;

/** Alerts that are about to be dismissed: out of sight, and still to be had back. */
export const hidden = signal<ReadonlySet<string>>(new Set());
const moments = signal<readonly string[]>([]);
/** All open ones up to this moment are about to be dismissed, those that have not been fetched included. */
export const hiddenUntil = computed(() => moments.value.toSorted().at(-1) ?? "");
let pending: readonly Pending[] = [];

/**
 * Have all that is about to be dismissed dismissed now: what is done with all open ones concerns those as well, and
 * nobody can have them back after that. False when that failed, which is told.
 */
async function settle(): Promise<boolean> {
  const done = await Promise.all(pending.map((one) => one.now()));
  return done.every(Boolean);
}

function remember(one: Pending): void {
  pending = [...pending.filter((other) => other.isPending()), one];
}

/** Whether it is about to be dismissed. */
export const isHidden = ({ id, state, created_at }: Alert) =>
  hidden.value.has(id) || (state === "open" && created_at <= hiddenUntil.value);

function turn(id: string, isAway: boolean): void {
  const ids = new Set(hidden.value);
  if (isAway) ids.add(id);
  else ids.delete(id);
  hidden.value = ids;
}

/** Note that somebody has seen it. */
export async function acknowledge(alert: Alert, take: Take): Promise<void> {
  const { data } = await post<Alert>(`/alerts/${alert.id}/acknowledge`);
  putAlert(data);
  take(data);
  announce("Acknowledged.");
}

/** Put it away, for good: there are some seconds to take that back. */
export function dismiss(alert: Alert, take: Take): void {
  const { id } = alert;
  if (isHidden(alert)) return;
  turn(id, true);
  const act = async () => {
    const { data } = await post<Alert>(`/alerts/${id}/dismiss`);
    putAlert(data);
    take(data);
    turn(id, false);
  };
  remember(later("The alert is dismissed.", { act, back: () => turn(id, false), failure: "Not dismissed" }));
}

// Up to the newest one that is shown: what has come since then was not seen.
const upTo = ({ created_at }: Alert) => ({ until: new Date(Date.parse(created_at) + 1).toISOString() });

/** Note that somebody has seen all open ones. */
export async function acknowledgeAll(newest: Alert): Promise<void> {
  if (!(await settle())) return;
  const { data } = await post<HandledAlerts>("/alerts/acknowledge", upTo(newest));
  tell({ text: `${count(data.count, "alert")} acknowledged.`, tone: "good" });
}

/** Put all open ones away, for good: there are some seconds to take that back. */
export function dismissAll(newest: Alert): void {
  void settle();
  const mine = newest.created_at;
  moments.value = [...moments.value, mine];
  const show = () => {
    moments.value = moments.value.toSpliced(moments.value.indexOf(mine), 1);
  };
  const act = async () => {
    await post<HandledAlerts>("/alerts/dismiss", upTo(newest));
    // What is said of each comes a moment later.
    setTimeout(show, TOLD_WITHIN_MS);
  };
  remember(later("All open alerts are dismissed.", { act, back: show, failure: "Not dismissed" }));
}
