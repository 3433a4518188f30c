// When a camera's quality is asked what to show.

import type { Quality } from "./quality";

const LOOK_EVERY_MS = 500;

/** Ask every now and then, and tell of it; the answer ends it. */
export function keepLooking(quality: Quality, isSending: boolean, looked: () => void): () => void {
  const rest = () => {
    quality.rest(performance.now());
    looked();
  };
  const look = () => {
    if (!isSending || document.hidden) return rest();
    quality.look(performance.now());
    looked();
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  // In a page that is not in front timers may run once a minute: the first look after it would take that for silence.
  document.addEventListener("visibilitychange", rest);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", rest);
  };
}
