// Who is told by a rule besides this page: shown only where there is anybody to choose.

import { Chips } from "../../parts/chips";
import { useTargets } from "./use_targets";

interface Props {
  /** Null for all of them. */
  targets: readonly string[] | null;
  onChange: (targets: string[] | null) => void;
}

export function RuleTargets({ targets, onChange }: Props) {
  const { targets: known } = useTargets();
  if (known === null || (known.length === 0 && targets === null)) return null;
  return (
    <fieldset class="field">
      <legend class="group-label">Who is told as well</legend>
      <label class="check">
        <input
          type="checkbox"
          checked={targets === null}
          onChange={(event) => onChange(event.currentTarget.checked ? null : known.map(({ id }) => id))}
        />
        <span>All targets, later ones as well</span>
      </label>
      {targets !== null && (
        <Chips
          options={known.map(({ id, name }) => [id, name] as const)}
          chosen={targets}
          onChange={onChange}
        />
      )}
    </fieldset>
  );
}
