// One entry of a schedule, by fields.

import { useId } from "preact/hooks";
import { Button } from "../../parts/button";
import { Chips } from "../../parts/chips";
import { Clock } from "../../parts/clock_field";
import type { Schedule } from "../../wire";
import { DAY_NAMES, DAYS, entryInWords, MODE_NAMES, MODES, type Mode } from "./schedule";

const DAY_CHIPS = DAYS.map((day) => [day, DAY_NAMES[day].slice(0, 3)] as const);

interface Props {
  entry: Schedule;
  /** Its place, from 1 on: the first that holds decides. */
  place: number;
  onChange: (entry: Schedule) => void;
  onRemove: () => void;
  onUp?: () => void;
  onDown?: () => void;
}

export function ScheduleEntry({ entry, place, onChange, onRemove, onUp, onDown }: Props) {
  const id = useId();
  return (
    <fieldset class="entry">
      <legend class="unseen">
        Entry {place}: {entryInWords(entry)}
      </legend>
      <div class="entry-head">
        <Chips
          options={DAY_CHIPS}
          chosen={entry.days}
          onChange={(days) => days.length > 0 && onChange({ ...entry, days })}
        />
        <span class="entry-buttons">
          <Button small kind="quiet" disabled={onUp === undefined} label="Move up" onClick={onUp}>
            ↑
          </Button>
          <Button small kind="quiet" disabled={onDown === undefined} label="Move down" onClick={onDown}>
            ↓
          </Button>
          <Button small kind="quiet" icon="bin" label={`Delete entry ${place}`} onClick={onRemove} />
        </span>
      </div>
      <div class="entry-fields">
        <Clock label="From" value={entry.from} onChange={(from) => onChange({ ...entry, from })} />
        <Clock
          label="To"
          value={entry.to}
          onChange={(to) => onChange({ ...entry, to: to === "00:00" ? "24:00" : to })}
        />
        <div class="field">
          <label for={id}>Record</label>
          <select
            id={id}
            value={entry.mode}
            onChange={(event) => onChange({ ...entry, mode: event.currentTarget.value as Mode })}
          >
            {MODES.map((mode) => (
              <option key={mode} value={mode}>
                {MODE_NAMES[mode]}
              </option>
            ))}
          </select>
        </div>
      </div>
    </fieldset>
  );
}
