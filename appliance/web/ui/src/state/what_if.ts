// What would have been different with other settings: the box replays what it has seen.

import { ask } from "../api";
import type { Preview, PreviewQuestion } from "../wire";

/** Other settings than those that hold; what is left out stays as it is. */
export type OtherSettings = Partial<Omit<PreviewQuestion, "hours">>;

export const HOURS_BACK = 24;

/** Ask what would have been different in the last day; takes some seconds, and is given up with the signal. */
export async function whatIf(other: OtherSettings, signal: AbortSignal): Promise<Preview> {
  const question: Partial<PreviewQuestion> = { hours: HOURS_BACK, ...other };
  return (await ask<Preview>("POST", "/preview", question, signal)).data;
}
