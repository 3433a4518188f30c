// What a model that the owner lets look said of the event: somebody else's words, and marked as such.

import type { Event } from "../../wire";

export function SecondLook({ event }: { event: Event }) {
  const look = event.second_look;
  if (look === null) return null;
  return (
    <section class="panel story-look" aria-labelledby="story-look">
      <h2 id="story-look">A model says</h2>
      <blockquote>{look.summary}</blockquote>
      <p class="muted">
        {look.model}: {look.verdict}. A model can be wrong.
      </p>
    </section>
  );
}
