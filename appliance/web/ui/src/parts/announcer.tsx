// What a screen reader is told of what happens by itself.

import { signal } from "@preact/signals";

const text = signal("");

/** Have it said, after what is being said just now. */
export function announce(words: string): void {
  text.value = words;
}

export function Announcer() {
  return (
    <p class="unseen" aria-live="polite">
      {text.value}
    </p>
  );
}
