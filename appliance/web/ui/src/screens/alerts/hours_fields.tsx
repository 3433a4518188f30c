// Some hours of some weekdays, as fields.

import type { ComponentChildren } from "preact";
import { Button } from "../../parts/button";
import { Chips } from "../../parts/chips";
import { Clock } from "../../parts/clock_field";
import type { Hours } from "../../wire";
import { DAY_NAMES, DAYS, daysInWords, hoursInWords } from "../cameras/schedule";
import "./hours_fields.css";

const DAY_CHIPS = DAYS.map((day) => [day, DAY_NAMES[day].slice(0, 3)] as const);

interface Props<H extends Hours> {
  hours: H;
  onChange: (hours: H) => void;
  onRemove: () => void;
  /** What else belongs to them. */
  children?: ComponentChildren;
}

export function HoursFields<H extends Hours>({ hours, onChange, onRemove, children }: Props<H>) {
  const words = `${daysInWords(hours.days)} ${hoursInWords(hours)}`;
  return (
    <fieldset class="hours">
      <legend class="unseen">{words}</legend>
      <Chips
        options={DAY_CHIPS}
        chosen={hours.days}
        onChange={(days) => days.length > 0 && onChange({ ...hours, days })}
      />
      <div class="hours-times">
        <Clock label="From" value={hours.from} onChange={(from) => onChange({ ...hours, from })} />
        <Clock
          label="To"
          value={hours.to}
          onChange={(to) => onChange({ ...hours, to: to === "00:00" ? "24:00" : to })}
        />
        {children}
        <Button kind="quiet" icon="bin" label={`Delete the hours ${words}`} onClick={onRemove} />
      </div>
    </fieldset>
  );
}

/** Hours to begin with. */
export const FRESH_HOURS: Hours = { days: [...DAYS], from: "22:00", to: "06:00" };
