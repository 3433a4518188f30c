// Who is at home, in words.

import type { ArmState } from "./state/arm";

export const ARM_STATES: readonly ArmState[] = ["home", "away", "night"];
export const ARM_NAMES: Record<ArmState, string> = { home: "Home", away: "Away", night: "Night" };
export const ARM_HINTS: Record<ArmState, string> = {
  home: "Somebody is at home.",
  away: "Nobody is at home.",
  night: "Everybody is in bed.",
};
/** As a part of a sentence. */
export const ARM_SAYS: Record<ArmState, string> = {
  home: "somebody is at home",
  away: "nobody is at home",
  night: "everybody is in bed",
};
