interface Props {
  value: string;
  onInput: (value: string) => void;
  name?: string;
  placeholder?: string;
  isUrl?: boolean;
  autofocus?: boolean;
  /** A trial has shown that it may be wrong. */
  isDoubted?: boolean;
  onBlur?: () => void;
  /** Given by the field that it stands in. */
  id?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: "true";
}

/** A text for machines: no browser may correct, complete or capitalise it. */
export function CodeInput({ value, onInput, isUrl, isDoubted, ...rest }: Props) {
  return (
    <input
      {...rest}
      value={value}
      autocomplete="off"
      autocapitalize="none"
      spellcheck={false}
      inputMode={isUrl ? "url" : "text"}
      data-doubt={isDoubted || undefined}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}
