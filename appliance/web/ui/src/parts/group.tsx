import type { ComponentChildren } from "preact";

interface GroupProps {
  label: string;
  /** What counts where none is chosen by itself. */
  all: string;
  isAll: boolean;
  onAll: (isAll: boolean) => void;
  error: string | null;
  children: ComponentChildren;
}

/** Several of something, or all of them, later ones as well. */
export function Group({ label, all, isAll, onAll, error, children }: GroupProps) {
  return (
    <fieldset class="field">
      <legend class="group-label">{label}</legend>
      <label class="check">
        <input type="checkbox" checked={isAll} onChange={(event) => onAll(event.currentTarget.checked)} />
        <span>{all}</span>
      </label>
      {!isAll && children}
      {error !== null && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
