// Having a part of the page that is fetched only when it is needed.

import { connection } from "./state/session";

const LOOK_EVERY_MS = 1000;
const RELOADED = "reloaded-at";
const RELOAD_AGAIN_MS = 60_000;

/**
 * Fetch a part of the page; where that fails, again as soon as the box can be reached. One that cannot be had
 * although it can be reached is that of an older Nightjar, and the whole page is loaded anew.
 */
export async function fetched<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    const wasInReach = connection.peek().word === "live";
    try {
      return await load();
    } catch {
      if (wasInReach && connection.peek().word === "live") reload();
      await inReach();
    }
  }
}

/** Resolves when the box can be reached, and not at once. */
async function inReach(): Promise<void> {
  do await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
  while (connection.peek().word !== "live");
}

// Not again and again, should that not help.
function reload(): void {
  try {
    const before = Number(sessionStorage.getItem(RELOADED) ?? 0);
    if (Date.now() - before < RELOAD_AGAIN_MS) return;
    sessionStorage.setItem(RELOADED, String(Date.now()));
  } catch {
    return;
  }
  location.reload();
}
