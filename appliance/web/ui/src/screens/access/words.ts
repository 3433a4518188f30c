// What roles, scopes and what was done are called, in words that say what follows from them.

import type { AuditEntry, Token, User } from "../../wire";
import { count } from "../../words";

export const ROLES: readonly (readonly [User["role"], string, string])[] = [
  ["viewer", "Viewer", "Sees live pictures, events, alerts and footage."],
  ["operator", "Operator", "Also arms the house, handles alerts, marks events as seen, exports footage."],
  ["admin", "Admin", "May everything, at every camera: settings, users, deleting."],
];

export const SCOPES: readonly (readonly [Token["scope"], string, string])[] = [
  ["metrics", "Metrics", "Reads the figures for monitoring, nothing of any camera."],
  ["read", "Read", "May what a viewer may."],
  ["operate", "Operate", "May what an operator may."],
  ["admin", "Admin", "May everything that you may."],
];

export const roleName = (role: User["role"]) => ROLES.find(([one]) => one === role)?.[1] ?? role;
export const scopeName = (scope: Token["scope"]) => SCOPES.find(([one]) => one === scope)?.[1] ?? scope;

/** Which cameras are seen, in a few words; `nameOf` knows those that there are. */
export function sightInWords(cameras: readonly string[] | null, nameOf: (id: string) => string): string {
  if (cameras === null) return "all cameras";
  if (cameras.length === 0) return "no camera";
  if (cameras.length > 3) return count(cameras.length, "camera");
  return cameras.map(nameOf).join(", ");
}

const ACTIONS: Record<string, string> = {
  login: "Logged in",
  logout: "Logged out",
  claim: "Claimed the box",
  "account.own": "Changed the own account",
  "users.manage": "Changed users",
  "cameras.manage": "Changed a camera",
  "events.review": "Reviewed events",
  "events.delete": "Deleted an event",
  "alerts.handle": "Handled an alert",
  "rules.manage": "Changed a rule",
  "arm.set": "Armed or disarmed",
  "settings.try": "Tried settings",
  "targets.manage": "Changed a target",
  "footage.export": "Exported footage",
  "footage.manage": "Protected footage",
  "system.manage": "Changed the system",
};

/** What somebody did, as a person would say it; an unknown word stays as it is. */
export const actionInWords = ({ what }: Pick<AuditEntry, "what">) => ACTIONS[what] ?? what;

/** Of a browser's own description the part that people know: its name and the system it runs on. */
export function browserInWords(agent: string): string {
  const browser = [
    [/Edg\//, "Edge"],
    [/OPR\//, "Opera"],
    [/Firefox\//, "Firefox"],
    [/Chrome\//, "Chrome"],
    [/Safari\//, "Safari"],
  ].find(([sign]) => (sign as RegExp).test(agent))?.[1];
  const system = [
    [/iPhone|iPad/, "iOS"],
    [/Android/, "Android"],
    [/Mac OS X/, "macOS"],
    [/Windows/, "Windows"],
    [/Linux/, "Linux"],
  ].find(([sign]) => (sign as RegExp).test(agent))?.[1];
  if (browser === undefined) return agent === "" ? "a program" : agent.slice(0, 40);
  return system === undefined ? String(browser) : `${browser} on ${system}`;
}
