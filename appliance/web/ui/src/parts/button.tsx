import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { wordsOf } from "../api";
import { may } from "../state/access";
import { Icon, type IconName } from "./icon";
import { tell } from "./toasts";

interface Props {
  /** The permission that it takes: without it there is no button. */
  needs?: string;
  children?: ComponentChildren;
  /** What a pointer that rests on it is told; usually the label. */
  title?: string;
  /** What it is called where it shows only an icon, or where its text says too little by itself. */
  label?: string;
  icon?: IconName;
  kind?: "plain" | "primary" | "quiet" | "danger";
  small?: boolean;
  /** For a switch: whether it is on. */
  pressed?: boolean;
  disabled?: boolean;
  /** What it has begun by other ways than `onClick` is under way, as where it sends a form. */
  busy?: boolean;
  /** Enter presses it as soon as the dialog that it is in opens. */
  autoFocus?: boolean;
  type?: "button" | "submit";
  /** While a promise it returns is under way the button is busy; its failure is told in a toast. */
  onClick?: (event: MouseEvent) => unknown;
}

export function Button({
  needs,
  children,
  label,
  title,
  icon,
  kind = "plain",
  small,
  pressed,
  disabled,
  busy = false,
  autoFocus,
  type,
  onClick,
}: Props) {
  const [isPressed, setPressed] = useState(false);
  const isBusy = isPressed || busy;
  if (needs !== undefined && !may(needs)) return null;
  const press = async (event: MouseEvent) => {
    if (isBusy) {
      event.preventDefault();
      return;
    }
    const work = onClick?.(event);
    if (!(work instanceof Promise)) return;
    setPressed(true);
    try {
      await work;
    } catch (problem) {
      tell({ text: wordsOf(problem), tone: "bad" });
    } finally {
      setPressed(false);
    }
  };
  const look = ["button", kind, small && "small", children === undefined && "icon-only"]
    .filter(Boolean)
    .join(" ");
  return (
    <button
      type={type ?? "button"}
      class={look}
      aria-label={label}
      title={title ?? (children === undefined ? label : undefined)}
      aria-pressed={pressed}
      // Not `disabled` while busy: that would take the keyboard's focus away from it.
      aria-busy={isBusy || undefined}
      aria-disabled={isBusy || undefined}
      disabled={disabled}
      // biome-ignore lint/a11y/noAutofocus: only where a dialog asks
      autoFocus={autoFocus}
      onClick={press}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children !== undefined && <span>{children}</span>}
    </button>
  );
}
