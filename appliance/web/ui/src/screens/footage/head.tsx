// Which cameras, and which day.

import { useComputed } from "@preact/signals";
import { Button } from "../../parts/button";
import { cameraList, nameOf } from "../../state/session";
import type { Desk } from "./desk";
import { dateField, sameTimeOn } from "./place";

export function Head({ desk, most }: { desk: Desk; most: number }) {
  const known = cameraList.value.map((one) => one.id);
  // The footage of a camera that was deleted is still there.
  const ids = [...known, ...desk.cameras.value.filter((id) => !known.includes(id))];
  return (
    <header class="screen-head footage-head">
      <h1>Footage</h1>
      <fieldset class="footage-cameras">
        <legend class="unseen">Cameras</legend>
        {ids.map((id, i) => (
          <Button
            key={id}
            small
            pressed={desk.cameras.value.includes(id)}
            label={i < 9 ? `${nameOf(id)}, key ${i + 1}` : undefined}
            onClick={() => desk.choose(id, most)}
          >
            {nameOf(id)}
          </Button>
        ))}
      </fieldset>
      <Days desk={desk} />
    </header>
  );
}

function Days({ desk }: { desk: Desk }) {
  const at = () => desk.deck.at.peek() ?? Date.now();
  const day = useComputed(() => dateField(desk.deck.at.value ?? Date.now())).value;
  const go = (field: string) => {
    const ms = sameTimeOn(field, at());
    if (ms !== null) desk.seek(ms);
  };
  const other = (days: number) => {
    const to = new Date(at());
    to.setDate(to.getDate() + days);
    desk.seek(to.getTime());
  };
  const today = dateField(Date.now());
  return (
    <div class="footage-days">
      <Button kind="quiet" small icon="back" label="The day before" onClick={() => other(-1)} />
      <input
        type="date"
        aria-label="Day"
        value={day}
        max={today}
        onChange={(event) => go(event.currentTarget.value)}
      />
      <Button
        kind="quiet"
        small
        icon="forward"
        label="The day after"
        disabled={day === today}
        onClick={() => other(1)}
      />
    </div>
  );
}
