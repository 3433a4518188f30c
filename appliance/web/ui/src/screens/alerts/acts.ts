// What can be done with alerts.

import { signal } from "@preact/signals";
import { post } from "../../api";
import { announce } from "../../parts/announcer";
import { later } from "../../parts/later";
import { tell } from "../../parts/toasts";
import { putAlert } from "../../state/session";
import type { Alert, HandledAlerts } from "../../wire";
import { count } from "../../words";

const TOLD_WITHIN_MS = 5000;

type Take = (alert: Alert) => void;

/** Alerts that are about to be dismissed: out of sight, and still to be had back. */
export const hidden = signal<ReadonlySet<string>>(new Set());
/** All open ones up to this moment are about to be dismissed, those that have not been fetched included. */
export const hiddenUntil = signal("");

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
  later("The alert is dismissed.", { act, back: () => turn(id, false), failure: "Not dismissed" });
}

// Up to the newest one that is shown: what has come since then was not seen.
const upTo = ({ created_at }: Alert) => ({ until: new Date(Date.parse(created_at) + 1).toISOString() });

/** Note that somebody has seen all open ones. */
export async function acknowledgeAll(newest: Alert): Promise<void> {
  const { data } = await post<HandledAlerts>("/alerts/acknowledge", upTo(newest));
  tell({ text: `${count(data.count, "alert")} acknowledged.`, tone: "good" });
}

/** Put all open ones away, for good: there are some seconds to take that back. */
export function dismissAll(newest: Alert): void {
  const { created_at } = newest;
  hiddenUntil.value = created_at;
  const show = () => {
    // Unless all were dismissed once more meanwhile.
    if (hiddenUntil.value === created_at) hiddenUntil.value = "";
  };
  const act = async () => {
    await post<HandledAlerts>("/alerts/dismiss", upTo(newest));
    // What is said of each comes a moment later.
    setTimeout(show, TOLD_WITHIN_MS);
  };
  later("All open alerts are dismissed.", { act, back: show, failure: "Not dismissed" });
}
