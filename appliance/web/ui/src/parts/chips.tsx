import { useRef } from "preact/hooks";

/** Several of many, all of them in sight: check boxes that look like chips. */
export function Chips<T extends string>({
  options,
  chosen,
  onChange,
}: {
  options: readonly (readonly [T, string])[];
  chosen: readonly string[];
  /** May refuse, now or later: then the box shows what holds. */
  onChange: (chosen: T[]) => unknown;
}) {
  const held = new Set(chosen);
  const newest = useRef(held);
  newest.current = held;
  const toggle = async (value: T, box: HTMLInputElement) => {
    await onChange(options.map(([one]) => one).filter((one) => held.has(one) !== (one === value)));
    box.checked = newest.current.has(value);
  };
  return (
    <div class="chips">
      {options.map(([value, text]) => (
        <label key={value} class="chip">
          <input
            type="checkbox"
            checked={held.has(value)}
            onChange={(event) => toggle(value, event.currentTarget)}
          />
          <span>{text}</span>
        </label>
      ))}
    </div>
  );
}
