// What an alert rule will do, in words.

import type { NewRule, Rule } from "../../wire";
import { SEVERITIES } from "../../words";

export type RuleForm = Required<Omit<NewRule, "name">> & { name: string };

export const FRESH: RuleForm = {
  name: "",
  enabled: true,
  labels: ["person"],
  cameras: null,
  min_severity: "medium",
  cooldown_s: 300,
  deduplication: "batch",
  zones: null,
  lines: null,
  min_dwell_s: 0,
  armed: null,
  hours: [],
};

/** What is looked for where a camera names nothing else. */
export const USUAL_LABELS = [
  "person",
  "car",
  "truck",
  "bus",
  "motorcycle",
  "bicycle",
  "dog",
  "cat",
  "motion",
] as const;

export const COOLDOWNS: readonly (readonly [number, string])[] = [
  [0, "every time"],
  [60, "at most once a minute"],
  [300, "at most once in 5 minutes"],
  [900, "at most once in 15 minutes"],
  [3600, "at most once an hour"],
  [21_600, "at most once in 6 hours"],
  [86_400, "at most once a day"],
];

/** `at most once in 5 minutes`. */
export function cooldownInWords(seconds: number): string {
  const known = COOLDOWNS.find(([value]) => value === seconds);
  if (known !== undefined) return known[1];
  const [amount, unit] =
    seconds % 3600 === 0
      ? [seconds / 3600, "hours"]
      : seconds % 60 === 0
        ? [seconds / 60, "minutes"]
        : [seconds, "seconds"];
  return `at most once in ${amount.toLocaleString()} ${unit}`;
}

/** `a person or a car`; `an object of any kind` where all count. */
export function labelsInWords(labels: readonly string[] | null): string {
  if (labels === null) return "anything";
  if (labels.length === 0) return "nothing";
  return listed(labels.map(withArticle));
}

function withArticle(label: string): string {
  if (label === "motion") return "something that moves";
  return `${/^[aeio]/i.test(label) ? "an" : "a"} ${label}`;
}

/** `Front door, Yard or Street`. */
export function listed(parts: readonly string[], last = "or"): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} ${last} ${parts.at(-1)}`;
}

/** What a rule will do, in a sentence. */
export function inWords(
  rule: Pick<Rule, "labels" | "cameras" | "min_severity" | "cooldown_s" | "deduplication">,
  nameOf: (cameraId: string) => string,
): string {
  if (rule.labels?.length === 0) return "Never tells you anything: it looks for nothing.";
  if (rule.cameras?.length === 0) return "Never tells you anything: it looks at no camera.";
  const severity = rule.min_severity === "low" ? "" : ` of ${severityInWords(rule.min_severity)} severity`;
  const where = rule.cameras === null ? "any camera" : listed(rule.cameras.map(nameOf));
  const often = rule.cooldown_s === 0 ? "" : `, ${cooldownInWords(rule.cooldown_s)}`;
  const once =
    rule.deduplication === "visit"
      ? "Each visit counts by itself."
      : "What happens in one go counts once, however many come.";
  return `Tells you when ${labelsInWords(rule.labels)}${severity} is seen at ${where}${often}. ${once}`;
}

function severityInWords(severity: Rule["min_severity"]): string {
  const word = SEVERITIES[severity].toLowerCase();
  return severity === "critical" ? word : `at least ${word}`;
}

/** A name for a rule that has none yet, from what it looks for. */
export function nameFor(
  { labels, cameras }: Pick<Rule, "labels" | "cameras">,
  nameOf: (id: string) => string,
) {
  const what = labels === null ? "Anything" : labels.length === 0 ? "Nothing" : listed(labels, "and");
  const where = cameras === null ? "" : ` at ${listed(cameras.map(nameOf), "and")}`;
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}${where}`.slice(0, 100);
}
