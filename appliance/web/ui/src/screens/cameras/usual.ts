// What is usual at a camera, in words.

import type { LabelBaseline } from "../../wire";

export const MOST_LABELS = 6;

/** How usual an hour is, in steps that can be told apart: never, rarely, sometimes, often, usually. */
export const STEPS = ["never", "rarely", "sometimes", "often", "usually"] as const;
const LIMITS = [0.01, 1 / 7, 0.5, 0.8] as const;

export function stepOf(share: number): number {
  const step = LIMITS.findIndex((limit) => share < limit);
  return step < 0 ? STEPS.length - 1 : step;
}

const hour = (n: number) => `${String(n % 24).padStart(2, "0")}:00`;

/** `07:00 to 09:00 and 17:00 to 18:00`: the hours at which it comes often or usually; empty for none. */
export function usualHours(shares: readonly number[]): string {
  const parts: string[] = [];
  for (let from = 0; from < shares.length; ) {
    let to = from;
    while (to < shares.length && stepOf(shares[to] ?? 0) >= 3) to += 1;
    if (to > from) parts.push(`${hour(from)} to ${hour(to)}`);
    from = Math.max(to, from + 1);
  }
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** `Usual from 07:00 to 09:00`, or that it has no usual hours. */
export function inWords(label: string, days: string, shares: readonly number[]): string {
  const hours = usualHours(shares);
  return hours === "" ? `${label} on ${days}: at no usual hour` : `${label} on ${days}: usual from ${hours}`;
}

/** The labels that are shown: those that come most. */
export const shown = (labels: readonly LabelBaseline[]) => labels.slice(0, MOST_LABELS);
