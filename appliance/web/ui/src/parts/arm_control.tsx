// Who is at home: seen and set from everywhere.

import { useState } from "preact/hooks";
import { ARM_HINTS, ARM_NAMES, ARM_STATES } from "../arm_words";
import { may } from "../state/access";
import { type ArmState, arm, setArmState } from "../state/arm";
import "./arm_control.css";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Icon, type IconName } from "./icon";
import { tell } from "./toasts";

const ICONS: Record<ArmState, IconName> = { home: "home", away: "away", night: "moon" };

/** A button that says who is at home, and a choice behind it; only words for who may not choose. */
export function ArmButton() {
  const [isOpen, setOpen] = useState(false);
  const known = arm.value;
  if (known === null) return null;
  if (!may("arm.set")) return <ArmSaid state={known.state} />;
  const choose = async (state: ArmState) => {
    await setArmState(state);
    setOpen(false);
    tell({ text: ARM_HINTS[state], tone: "good" });
  };
  return (
    <>
      <button type="button" class="button arm-button" data-arm={known.state} onClick={() => setOpen(true)}>
        <Icon name={ICONS[known.state]} />
        <span>
          <span class="unseen">Who is at home? </span>
          {ARM_NAMES[known.state]}
        </span>
      </button>
      <Dialog title="Who is at home?" isOpen={isOpen} onClose={() => setOpen(false)}>
        <div class="form">
          <p class="muted small">Rules can be for some of these only.</p>
          <div class="arm-choices">
            {ARM_STATES.map((state) => (
              <Choice
                key={state}
                state={state}
                isSet={state === known.state}
                onChoose={() => choose(state)}
              />
            ))}
          </div>
          <p class="small">
            <a href="/alerts?tab=rules" onClick={() => setOpen(false)}>
              {known.hours.length === 0 ? "Have the clock do it" : "The hours at which the clock does it"}
            </a>
          </p>
        </div>
      </Dialog>
    </>
  );
}

function ArmSaid({ state }: { state: ArmState }) {
  return (
    <p class="arm-said" data-arm={state}>
      <Icon name={ICONS[state]} />
      <span>
        <span class="unseen">Who is at home? </span>
        {ARM_NAMES[state]}
      </span>
    </p>
  );
}

function Choice({ state, isSet, onChoose }: { state: ArmState; isSet: boolean; onChoose: () => unknown }) {
  return (
    <div class="arm-choice">
      <Button icon={ICONS[state]} pressed={isSet} onClick={onChoose}>
        {ARM_NAMES[state]}
      </Button>
      <span class="muted small">{ARM_HINTS[state]}</span>
    </div>
  );
}
