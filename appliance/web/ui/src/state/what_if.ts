// What would have been different with other settings: the box replays what it has seen.

import { ask } from "../api";
import type { Severity } from "../words";

/** Other settings than those that hold; what is left out stays as it is. */
export interface OtherSettings {
  camera?: string;
  scene?: unknown;
  rule?: object;
  remove_rule?: string;
  arm?: object;
}

interface Counts {
  events: number;
  alerts: number;
}

/** An event or alert that would be gone, come or be another one. */
export interface Difference {
  what: "event" | "alert";
  id: string;
  camera_id: string;
  label: string;
  at: string;
  summary: string;
  reason: string;
  severity?: Severity;
}

export interface WhatIf {
  from: string;
  to: string;
  frames: number;
  before: Counts;
  after: Counts;
  gone: Difference[];
  come: Difference[];
  changed: Difference[];
  sentence: string;
}

export const HOURS_BACK = 24;

/** Ask what would have been different in the last day; takes some seconds, and is given up with the signal. */
export async function whatIf(other: OtherSettings, signal: AbortSignal): Promise<WhatIf> {
  return (await ask<WhatIf>("POST", "/preview", { hours: HOURS_BACK, ...other }, signal)).data;
}
