import { useState } from "preact/hooks";
import { Button } from "../../parts/button";

interface Props {
  value: string;
  onInput: (value: string) => void;
  /** Given by the field that it stands in. */
  id?: string;
  "aria-describedby"?: string;
}

/** A password that can be looked at while it is typed: cameras have long ones, and lock out who errs. */
export function Password({ value, onInput, ...field }: Props) {
  const [isShown, setShown] = useState(false);
  const common = {
    ...field,
    name: "password",
    value,
    autocomplete: "new-password",
    autocapitalize: "none",
    spellcheck: false,
    onInput: (event: { currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value),
  } as const;
  return (
    <span class="password">
      {isShown ? <input type="text" {...common} /> : <input type="password" {...common} />}
      {value !== "" && (
        <Button
          kind="quiet"
          small
          pressed={isShown}
          label="Show the password"
          onClick={() => setShown(!isShown)}
        >
          {isShown ? "Hide" : "Show"}
        </Button>
      )}
    </span>
  );
}
