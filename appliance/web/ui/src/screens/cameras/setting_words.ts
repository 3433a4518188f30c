// What a change of settings changed, in words.

import type { SettingChange } from "../../wire";

const FIELDS: Record<string, string> = {
  name: "its name",
  labels: "what counts",
  detect_fps: "how often it is looked at",
  zones: "zones",
  lines: "lines",
  masks: "masks",
  enabled: "whether it is on",
  cameras: "its cameras",
  min_severity: "the severity",
  cooldown_s: "how often it tells",
  deduplication: "what it tells once",
  min_dwell_s: "how long something must stay",
  armed: "the arm states",
  hours: "the hours",
};

/** `Drive was added, zone 2 was moved` where shapes are meant, else the names of what was changed. */
export function changeInWords({ before, after, undoes }: SettingChange): string {
  const said = before === null ? "It was added" : after === null ? "It was deleted" : changed(before, after);
  return undoes === null ? said : `${said}, by an undo`;
}

function changed(before: Record<string, unknown>, after: Record<string, unknown>): string {
  const parts = Object.keys(after).flatMap((field) => ofField(field, before[field], after[field]));
  const text = listed(parts);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function ofField(field: string, before: unknown, after: unknown): string[] {
  const [old, now] = [shapesIn(before), shapesIn(after)];
  if (old === null || now === null) {
    if (field === "enabled") return [`it was switched ${after === true ? "on" : "off"}`];
    if (field === "name") return [`it was called ${String(before)}, now ${String(after)}`];
    return [`${FIELDS[field] ?? field} changed`];
  }
  const kind = field.slice(0, -1);
  const added = [...now.values()]
    .filter(({ id }) => !old.has(id))
    .map(({ name }) => `${kind} ${name} was added`);
  const gone = [...old.values()]
    .filter(({ id }) => !now.has(id))
    .map(({ name }) => `${kind} ${name} was deleted`);
  const other = [...now.values()]
    .filter((one) => old.has(one.id) && JSON.stringify(old.get(one.id)) !== JSON.stringify(one))
    .map(({ name }) => `${kind} ${name} changed`);
  const all = [...added, ...gone, ...other];
  return all.length === 0 ? [`the order of ${FIELDS[field] ?? field} changed`] : all;
}

interface Named {
  id: string;
  name: string;
}

const isNamed = (one: unknown): one is Named =>
  typeof one === "object" && one !== null && "id" in one && "name" in one;

/** Shapes by their ids; null where it is no list of any. */
function shapesIn(value: unknown): Map<string, Named> | null {
  if (!Array.isArray(value) || !value.every(isNamed)) return null;
  return new Map(value.map((one) => [one.id, one]));
}

const listed = (parts: readonly string[]) =>
  parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
