// Who is at home, as the box has it: set by hand here or elsewhere, or by the clock.

import { signal } from "@preact/signals";
import { ask, get } from "../api";
import type { Arm, ArmChange, ArmHours } from "../wire";
import { may } from "./access";

export type ArmState = Arm["state"];

/** Null until it is known. */
export const arm = signal<Arm | null>(null);

/** No message tells of it, and the clock may change it: it is asked for as often. */
const AGAIN_MS = 30_000;
let newest = 0;

/** Ask who is at home; what was asked before this, and comes later, does not count. */
export async function loadArm(): Promise<void> {
  newest += 1;
  const mine = newest;
  try {
    const { data } = await get<Arm>("/arm");
    if (mine === newest) arm.value = data;
  } catch {
    // The connection's own state tells that the box does not answer.
  }
}

/** Ask now and then while the page is in front; what it returns ends that. */
export function followArm(): () => void {
  const look = () => {
    if (!document.hidden && may("arm.view")) void loadArm();
  };
  look();
  const timer = setInterval(look, AGAIN_MS);
  document.addEventListener("visibilitychange", look);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

async function put(change: ArmChange): Promise<void> {
  newest += 1;
  const mine = newest;
  const { data } = await ask<Arm>("PUT", "/arm", change);
  if (mine === newest) arm.value = data;
}

/** Say who is at home, as of now. */
export const setArmState = (state: ArmState) => put({ state });
/** Have the clock say it at these hours. */
export const setArmHours = (hours: ArmHours[]) => put({ hours });
