// What a timeline's picture is made of, and how large its parts are.

import type { Content } from "./fetching";
import type { View } from "./scale";

export const SCALE_PX = 40;
export const ROW_PX = 46;
export const GAP_PX = 6;
/** The height of the events above what was recorded. */
export const EVENTS_PX = 16;

export interface Colours {
  text: string;
  muted: string;
  line: string;
  surface: string;
  raised: string;
  accent: string;
  recorded: string;
  motion: string;
  bad: string;
  good: string;
  low: string;
  medium: string;
  high: string;
  critical: string;
  font: string;
}

export interface Scene {
  width: number;
  view: View;
  nowMs: number;
  atMs: number | null;
  hoverMs: number | null;
  marked: View | null;
  rows: readonly (readonly Content[])[];
}

/** How high a timeline of so many rows is. */
export const heightOf = (rows: number) => SCALE_PX + rows * ROW_PX;
export const rowTop = (row: number) => SCALE_PX + row * ROW_PX;
