import { useEffect, useId, useState } from "preact/hooks";

/** A time of day; taken over when the field is left, since browsers report every digit. */
export function Clock({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const id = useId();
  // A browser knows no 24:00; as an end, 00:00 is the same.
  const shown = value === "24:00" ? "00:00" : value;
  const [draft, setDraft] = useState(shown);
  useEffect(() => setDraft(shown), [shown]);
  const keep = () => {
    if (!/^\d\d:\d\d$/.test(draft)) setDraft(shown);
    else if (draft !== shown) onChange(draft);
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="time"
        value={draft}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onBlur={keep}
        onKeyDown={(event) => event.key === "Enter" && keep()}
      />
    </div>
  );
}
