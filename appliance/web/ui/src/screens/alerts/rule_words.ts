// What an alert rule will do, in words.

import { ARM_SAYS } from "../../arm_words";
import type { NewRule, Rule } from "../../wire";
import { lasting, SEVERITIES } from "../../words";
import { daysInWords, hoursInWords } from "../cameras/schedule";

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
  targets: null,
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

/** The label of an event of a camera that was not reached. */
export const OFFLINE = "offline";

/** The label of an event of a camera that was covered, turned or put out of focus. */
export const TAMPERING = "tampering";

/** The labels that are offered: of objects, and of what befalls a camera itself. */
export const OFFERED_LABELS: readonly string[] = [...USUAL_LABELS, OFFLINE, TAMPERING];

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
  if (label === OFFLINE) return "a camera that is not reached";
  if (label === TAMPERING) return "a camera that is covered, moved or out of focus";
  return `${/^[aeio]/i.test(label) ? "an" : "a"} ${label}`;
}

/** `Front door, Yard or Street`. */
export function listed(parts: readonly string[], last = "or"): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} ${last} ${parts.at(-1)}`;
}

/** What things are called. */
export interface Names {
  camera: (id: string) => string;
  zone: (id: string) => string;
  line: (id: string) => string;
}

type Worded = Omit<RuleForm, "name" | "enabled">;

/** What a rule will do, in a sentence or two. */
export function inWords(rule: Worded, names: Names): string {
  if (rule.labels?.length === 0) return "Never tells you anything: it looks for nothing.";
  if (rule.cameras?.length === 0) return "Never tells you anything: it looks at no camera.";
  if (rule.zones?.length === 0) return "Never tells you anything: it looks in no zone.";
  if (rule.lines?.length === 0) return "Never tells you anything: it looks at no line.";
  if (rule.armed?.length === 0) return "Never tells you anything: it is never armed.";
  const severity = rule.min_severity === "low" ? "" : ` of ${severityInWords(rule.min_severity)} severity`;
  const often = rule.cooldown_s === 0 ? "" : `, ${cooldownInWords(rule.cooldown_s)}`;
  const once =
    rule.deduplication === "visit"
      ? "Each visit counts by itself."
      : "What happens in one go counts once, however many come.";
  const what = `${labelsInWords(rule.labels)}${severity}`;
  return `Tells you when ${what} ${doesInWords(rule, names)}${whenInWords(rule)}${often}. ${once}`;
}

/** `is in Drive for 10 s at Front door and crosses Gate`. */
function doesInWords({ zones, lines, min_dwell_s, cameras }: Worded, names: Names): string {
  const at = ` at ${cameras === null ? "any camera" : listed(cameras.map(names.camera))}`;
  const long = min_dwell_s === 0 ? "" : ` for ${lasting(min_dwell_s * 1000)}`;
  const crosses = lines === null ? "" : `crosses ${listed(lines.map(names.line))}`;
  if (zones !== null) {
    const is = `is in ${listed(zones.map(names.zone))}${long}`;
    return `${crosses === "" ? is : `${is} and ${crosses}`}${at}`;
  }
  if (crosses !== "") return `${long === "" ? crosses : `is seen${long} and ${crosses}`}${at}`;
  return `is seen${long}${at}`;
}

/** `, while nobody is at home, from Monday to Friday, from 22:00 to 06:00 on the next day`. */
function whenInWords({ armed, hours }: Worded): string {
  const state = armed === null ? "" : `, while ${listed(armed.map((one) => ARM_SAYS[one]))}`;
  const times = hours.map((one) => `${daysInWords(one.days)} ${hoursInWords(one)}`);
  return `${state}${times.length === 0 ? "" : `, ${listed(times)}`}`;
}

function severityInWords(severity: Rule["min_severity"]): string {
  const word = SEVERITIES[severity].toLowerCase();
  return severity === "critical" ? word : `at least ${word}`;
}

/** A name for a rule that has none yet, from what it looks for. */
export function nameFor(
  { labels, cameras, zones }: Pick<Rule, "labels" | "cameras" | "zones">,
  names: Names,
) {
  const what = labels === null ? "Anything" : labels.length === 0 ? "Nothing" : listed(labels, "and");
  const zone = zones === null || zones.length === 0 ? "" : ` in ${listed(zones.map(names.zone))}`;
  const where = cameras === null || zone !== "" ? zone : ` at ${listed(cameras.map(names.camera), "and")}`;
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}${where}`.slice(0, 100);
}

export const DWELLS: readonly (readonly [number, string])[] = [
  [0, "At once"],
  [5, "5 seconds"],
  [10, "10 seconds"],
  [30, "30 seconds"],
  [60, "1 minute"],
  [300, "5 minutes"],
  [900, "15 minutes"],
];
