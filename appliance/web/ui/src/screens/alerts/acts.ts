// What can be done with alerts.

import { signal } from "@preact/signals";
import { post } from "../../api";
import { announce } from "../../parts/announcer";
import { later } from "../../parts/later";
import { tell } from "../../parts/toasts";
import { putAlert } from "../../state/session";
import type { Alert, HandledAlerts } from "../../wire";
import { count } from "../../words";

type Take = (alert: Alert) => void;

/** Alerts that are about to be dismissed: out of sight, and still to be had back. */
export const hidden = signal<ReadonlySet<string>>(new Set());

function hide(ids: readonly string[]): () => void {
  hidden.value = new Set([...hidden.value, ...ids]);
  return () => {
    const gone = new Set(ids);
    hidden.value = new Set([...hidden.value].filter((id) => !gone.has(id)));
  };
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
  const show = hide([alert.id]);
  const act = async () => {
    const { data } = await post<Alert>(`/alerts/${alert.id}/dismiss`);
    putAlert(data);
    take(data);
    show();
  };
  later("The alert is dismissed.", act, show);
}

// Up to the newest one that is shown: what has come since then was not seen.
const upTo = ({ created_at }: Alert) => ({ until: new Date(Date.parse(created_at) + 1).toISOString() });

/** Note that somebody has seen all open ones. */
export async function acknowledgeAll(newest: Alert): Promise<void> {
  const { data } = await post<HandledAlerts>("/alerts/acknowledge", upTo(newest));
  tell({ text: `${count(data.count, "alert")} acknowledged.`, tone: "good" });
}

/** Put all open ones away, for good: there are some seconds to take that back. */
export function dismissAll(newest: Alert, shown: readonly Alert[]): void {
  const show = hide(shown.map(({ id }) => id));
  const act = async () => {
    await post<HandledAlerts>("/alerts/dismiss", upTo(newest));
    show();
  };
  later("All open alerts are dismissed.", act, show);
}
