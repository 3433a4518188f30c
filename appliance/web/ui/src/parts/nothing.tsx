import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon";

/** What is shown where there is nothing to show: why, and what can be done. */
export function Nothing({
  icon,
  title,
  text,
  action,
}: {
  icon: IconName;
  title: string;
  text?: ComponentChildren;
  action?: ComponentChildren;
}) {
  return (
    <div class="nothing">
      <Icon name={icon} />
      <h2>{title}</h2>
      {text !== undefined && <p class="muted">{text}</p>}
      {action}
    </div>
  );
}
