/** Several of many, all of them in sight: check boxes that look like chips. */
export function Chips<T extends string>({
  options,
  chosen,
  onChange,
}: {
  options: readonly (readonly [T, string])[];
  chosen: readonly string[];
  onChange: (chosen: T[]) => void;
}) {
  const held = new Set(chosen);
  const toggle = (value: T) =>
    onChange(options.map(([one]) => one).filter((one) => held.has(one) !== (one === value)));
  return (
    <div class="chips">
      {options.map(([value, text]) => (
        <label key={value} class="chip">
          <input type="checkbox" checked={held.has(value)} onChange={() => toggle(value)} />
          <span>{text}</span>
        </label>
      ))}
    </div>
  );
}
