// Settings that apply as soon as they are changed: each says by itself what was refused.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { wordsOf } from "../../api";
import { Field } from "../../parts/field";

interface Common {
  label: string;
  hint?: ComponentChildren;
}

/** Do something that may be refused; what was refused is shown until the next attempt. */
export function useRefusal(): [string | null, (work: () => unknown) => Promise<boolean>] {
  const [error, setError] = useState<string | null>(null);
  const attempt = async (work: () => unknown) => {
    setError(null);
    try {
      await work();
      return true;
    } catch (problem) {
      setError(wordsOf(problem));
      return false;
    }
  };
  return [error, attempt];
}

/** A text or number; saved when the field is left, or by Enter. `save` takes what was written, or throws. */
export function TextSetting({
  label,
  hint,
  value,
  save,
  placeholder,
  isNumber,
}: Common & {
  value: string;
  save: (text: string) => unknown;
  placeholder?: string;
  isNumber?: boolean;
}) {
  const [draft, setDraft] = useState(value);
  const isEdited = useRef(false);
  const [error, attempt] = useRefusal();
  useEffect(() => {
    if (!isEdited.current) setDraft(value);
  }, [value]);
  const keep = async () => {
    isEdited.current = false;
    if (draft === value) return void attempt(() => undefined);
    if (!(await attempt(() => save(draft)))) isEdited.current = true;
  };
  return (
    <Field label={label} error={error} {...(hint !== undefined && { hint })}>
      <input
        value={draft}
        placeholder={placeholder}
        autocomplete="off"
        inputMode={isNumber ? "decimal" : "text"}
        onInput={(event) => {
          isEdited.current = true;
          setDraft(event.currentTarget.value);
        }}
        onChange={keep}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          isEdited.current = false;
          setDraft(value);
          void attempt(() => undefined);
        }}
      />
    </Field>
  );
}

/** One of a few. */
export function ChoiceSetting<T extends string>({
  label,
  hint,
  value,
  options,
  save,
}: Common & { value: T; options: readonly (readonly [T, string])[]; save: (value: T) => unknown }) {
  const [error, attempt] = useRefusal();
  return (
    <Field label={label} error={error} {...(hint !== undefined && { hint })}>
      <select
        value={value}
        onChange={async ({ currentTarget: control }) => {
          if (!(await attempt(() => save(control.value as T)))) control.value = value;
        }}
      >
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** On or off. */
export function SwitchSetting({
  label,
  hint,
  value,
  save,
}: Common & { value: boolean; save: (value: boolean) => unknown }) {
  const [error, attempt] = useRefusal();
  return (
    <div class="field">
      <label class="check">
        <input
          type="checkbox"
          checked={value}
          onChange={async ({ currentTarget: control }) => {
            if (!(await attempt(() => save(control.checked)))) control.checked = value;
          }}
        />
        <span>{label}</span>
      </label>
      {hint !== undefined && <p class="hint">{hint}</p>}
      {error !== null && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
