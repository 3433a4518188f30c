// How the page looks in this browser: its colours and its clock.

import { useState } from "preact/hooks";
import { chooseTheme, theme } from "../theme";
import { hours } from "../words";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Segmented } from "./segmented";

const THEMES = [
  ["system", "As the system"],
  ["dark", "Dark"],
  ["light", "Light"],
] as const;
const HOURS = [
  ["usual", "Usual"],
  ["24", "24 h"],
  ["12", "12 h"],
] as const;

export function DisplayButton({ kind }: { kind?: "quiet" }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        icon="contrast"
        label="Colours and clock"
        onClick={() => setOpen(true)}
        {...(kind && { kind })}
      />
      <Dialog title="Colours and clock" isOpen={isOpen} onClose={() => setOpen(false)}>
        <div class="form">
          <div class="field">
            <span class="small">Colours</span>
            <Segmented label="Colours" value={theme.value} options={THEMES} onChange={chooseTheme} />
          </div>
          <div class="field">
            <span class="small">Clock</span>
            <Segmented
              label="Clock"
              value={hours.value}
              options={HOURS}
              onChange={(one) => (hours.value = one)}
            />
          </div>
          <p class="hint">Kept in this browser; others have their own.</p>
        </div>
      </Dialog>
    </>
  );
}
