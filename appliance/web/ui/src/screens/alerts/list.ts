// A list of alerts, newest first, kept right by messages.

import type { Message } from "../../messages";
import type { Alert } from "../../wire";

export type State = Alert["state"] | "all";
type Severity = Alert["severity"];

/** Which alerts are wanted; empty is no condition, and a severity is the lowest that is wanted. */
export interface Filter {
  state: State;
  camera: string;
  severity: Severity | "";
}

const STATES: readonly State[] = ["open", "acknowledged", "dismissed", "all"];
const ORDER: readonly Severity[] = ["low", "medium", "high", "critical"];

/** The filter that an address names; what makes no sense there is no condition. */
export function filterOf(query: Record<string, string>): Filter {
  const state = STATES.find((one) => one === query.state) ?? "open";
  return {
    state,
    camera: query.camera ?? "",
    severity: ORDER.find((one) => one === query.severity) ?? "",
  };
}

/** The filter as the server takes it. */
export const asked = ({ state, camera, severity }: Filter) => ({
  state: state === "all" ? null : state,
  camera,
  severity,
});

export function matches(alert: Alert, { state, camera, severity }: Filter): boolean {
  return (
    (state === "all" || alert.state === state) &&
    (camera === "" || alert.camera_id === camera) &&
    (severity === "" || ORDER.indexOf(alert.severity) >= ORDER.indexOf(severity))
  );
}

const isBefore = (one: Alert, other: Alert) =>
  one.created_at > other.created_at || (one.created_at === other.created_at && one.id > other.id);

/**
 * Put an alert where it belongs, in place of what was known of it. One that lies further down than what has been
 * fetched so far is left out; it comes with its page.
 */
export function put(
  items: readonly Alert[],
  alert: Alert,
  filter: Filter,
  isWhole: boolean,
): readonly Alert[] {
  const others = items.filter(({ id }) => id !== alert.id);
  if (!matches(alert, filter)) return others.length === items.length ? items : others;
  const found = others.findIndex((one) => isBefore(alert, one));
  if (found < 0 && !isWhole && others.length === items.length) return items;
  return others.toSpliced(found < 0 ? others.length : found, 0, alert);
}

/** Take in a message. */
export function applied(
  items: readonly Alert[],
  said: Message,
  filter: Filter,
  isWhole: boolean,
): readonly Alert[] {
  if (said.type === "alert_created" || said.type === "alert_acknowledged" || said.type === "alert_dismissed")
    return put(items, said.data, filter, isWhole);
  if (said.type === "event_deleted") return items.filter(({ event_id }) => event_id !== said.data.id);
  return items;
}

/** Add the next page; what is there already stays as it is. */
export function joined(items: readonly Alert[], page: readonly Alert[]): readonly Alert[] {
  const known = new Set(items.map(({ id }) => id));
  return [...items, ...page.filter(({ id }) => !known.has(id))];
}
