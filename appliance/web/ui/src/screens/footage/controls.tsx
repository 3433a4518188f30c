// What one does with the player: play, steps, speed, jumps; and with the timeline: how much of it is seen.

import { Button } from "../../parts/button";
import { may } from "../../state/access";
import { lasting } from "../../words";
import { RATES } from "./deck";
import { type Desk, SPANS } from "./desk";
import type { Kind } from "./moments";
import { LEAST_SPAN_MS, MOST_SPAN_MS, spanOf } from "./scale";
import { ShownTime } from "./stage";

export const ZOOM = 1.6;

export function PlayControls({ desk }: { desk: Desk }) {
  const { deck } = desk;
  const isPlaying = deck.isPlaying.value && !deck.isLive.value;
  return (
    <fieldset class="footage-controls" aria-label="Player">
      <div class="footage-transport">
        <Button kind="quiet" icon="previous" label="Before" onClick={() => void desk.goTo(-1)} />
        <Button kind="quiet" icon="stepBack" label="One picture back" onClick={() => deck.step(-1)} />
        <Button
          kind="primary"
          icon={isPlaying ? "pause" : "play"}
          label={isPlaying ? "Pause" : "Play"}
          onClick={() => deck.toggle()}
        />
        <Button kind="quiet" icon="stepForward" label="One picture on" onClick={() => deck.step(1)} />
        <Button kind="quiet" icon="next" label="Next" onClick={() => void desk.goTo(1)} />
      </div>
      <select
        class="footage-jumps"
        aria-label="What to jump to"
        value={desk.jumpsTo.value}
        onChange={(event) => {
          desk.jumpsTo.value = event.currentTarget.value as Kind;
        }}
      >
        <option value="event">by event</option>
        <option value="motion">by motion</option>
      </select>
      <select
        class="footage-speed"
        aria-label="Speed"
        value={String(deck.rate.value)}
        onChange={(event) => deck.setRate(Number(event.currentTarget.value))}
      >
        {RATES.map((rate) => (
          <option key={rate} value={String(rate)}>
            {rate}×
          </option>
        ))}
      </select>
      <Button
        kind="quiet"
        icon={deck.isMuted.value ? "mute" : "sound"}
        label={deck.isMuted.value ? "Sound is off" : "Sound is on"}
        pressed={!deck.isMuted.value}
        onClick={() => deck.setMuted(!deck.isMuted.value)}
      />
      <ShownTime desk={desk} />
      <Button kind="quiet" pressed={deck.isLive.value} onClick={() => desk.goLive()}>
        Now
      </Button>
    </fieldset>
  );
}

export function ViewControls({ desk }: { desk: Desk }) {
  const span = spanOf(desk.view.value);
  const marked = desk.marked.value;
  return (
    <fieldset class="footage-view" aria-label="Timeline">
      <Button
        small
        icon="minus"
        label="Show more time"
        disabled={span >= MOST_SPAN_MS}
        onClick={() => desk.zoom(ZOOM)}
      />
      <Button
        small
        icon="plus"
        label="Show less time"
        disabled={span <= LEAST_SPAN_MS}
        onClick={() => desk.zoom(1 / ZOOM)}
      />
      <div class="footage-spans">
        {SPANS.map(([ms, text]) => (
          <Button
            key={text}
            small
            kind="quiet"
            pressed={Math.abs(span / ms - 1) < 0.02}
            onClick={() => desk.zoomTo(ms)}
          >
            {text}
          </Button>
        ))}
      </div>
      <span class="muted small footage-span">{lasting(span)} shown</span>
      <Button
        needs="footage.export"
        small
        icon="range"
        pressed={marked !== null || desk.isMarking.value}
        onClick={() => (marked !== null || desk.isMarking.value ? desk.unmark() : desk.markHere())}
      >
        {may("footage.manage") ? "Export or protect" : "Export"}
      </Button>
    </fieldset>
  );
}
