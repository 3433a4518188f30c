// What is said of the last backup, and how loudly: that nobody wants one is a word, no alarm.

import type { Tone } from "../../parts/signs";
import type { Backup } from "../../wire";

export interface BackupWords {
  tone: Tone;
  pill: string;
  text: string;
}

const HOW = "make one with: nightjar backup FILE";

export function backupWords(backup: Backup): BackupWords {
  if (!backup.wanted) {
    const text = `Cameras, rules and events are on this box alone; ${HOW}`;
    return { tone: "idle", pill: "None yet", text };
  }
  if (backup.trouble !== "") return { tone: "warn", pill: "Look at it", text: backup.trouble };
  if (backup.verified === null) {
    const text = "Whether it can be restored was not tried: nightjar restore FILE --verify";
    return { tone: "idle", pill: "Not tried", text };
  }
  return { tone: "good", pill: "Can be restored", text: "It was restored into a folder and checked." };
}
