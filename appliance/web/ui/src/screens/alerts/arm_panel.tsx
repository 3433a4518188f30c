// Who is at home, by hand and by the clock.

import { useId } from "preact/hooks";
import { ARM_HINTS, ARM_NAMES, ARM_STATES } from "../../arm_words";
import { Button } from "../../parts/button";
import { Segmented } from "../../parts/segmented";
import { tell } from "../../parts/toasts";
import { type ArmState, arm, setArmHours, setArmState } from "../../state/arm";
import type { ArmHours } from "../../wire";
import { useRefusal } from "../cameras/settings";
import { FRESH_HOURS, HoursFields } from "./hours_fields";

const STATES = ARM_STATES.map((state) => [state, ARM_NAMES[state]] as const);

export function ArmPanel() {
  const [error, attempt] = useRefusal();
  const known = arm.value;
  if (known === null) return null;
  const { state, hours } = known;
  const keep = async (next: ArmHours[]) => {
    if (await attempt(() => setArmHours(next))) tell({ text: "The hours are changed.", tone: "good" });
  };
  return (
    <section class="panel form arm-panel">
      <h2>Who is at home</h2>
      <div class="buttons">
        <Segmented
          label="Who is at home"
          value={state}
          options={STATES}
          onChange={(next) => void attempt(() => setArmState(next))}
        />
        <span class="muted small">{ARM_HINTS[state]}</span>
      </div>
      <p class="hint">
        {hours.length === 0
          ? "It stays as it is set here, by hand. The clock can do it as well."
          : "At these hours the clock sets it; what is set by hand holds until the next of them begin, and again when they end."}
      </p>
      {hours.map((one, at) => (
        <HoursFields
          key={at}
          hours={one}
          onChange={(next) => void keep(hours.with(at, next))}
          onRemove={() => void keep(hours.toSpliced(at, 1))}
        >
          <StateOf
            value={one.state}
            onChange={(next) => void keep(hours.with(at, { ...one, state: next }))}
          />
        </HoursFields>
      ))}
      {error !== null && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <p>
        <Button small icon="plus" onClick={() => keep([...hours, { ...FRESH_HOURS, state: "night" }])}>
          Add hours
        </Button>
      </p>
    </section>
  );
}

function StateOf({ value, onChange }: { value: ArmState; onChange: (state: ArmState) => void }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Set it to</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value as ArmState)}>
        {STATES.map(([state, text]) => (
          <option key={state} value={state}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
