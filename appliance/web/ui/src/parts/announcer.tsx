// What a screen reader is told of what happens by itself.

import { signal } from "@preact/signals";

const text = signal("");

/** Have it said, after what is being said just now. */
export function announce(words: string): void {
  // The same once more is said only if it is another text.
  text.value = words !== "" && text.peek() === words ? `${words}\u00a0` : words;
}

export function Announcer() {
  return (
    <p class="unseen" aria-live="polite">
      {text.value}
    </p>
  );
}
