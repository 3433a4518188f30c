/** A choice of a few, each with what follows from it. */
export function Choice<T extends string>({
  name,
  legend,
  options,
  value,
  onChange,
}: {
  name: string;
  legend: string;
  options: readonly (readonly [T, string, string])[];
  value: T;
  onChange: (value: T) => void;
}) {
  return (
    <fieldset class="field access-roles">
      <legend class="group-label">{legend}</legend>
      {options.map(([one, text, says]) => (
        <label key={one} class="check">
          <input type="radio" name={name} checked={value === one} onChange={() => onChange(one)} />
          <span>
            {text}
            <span class="hint">{says}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
