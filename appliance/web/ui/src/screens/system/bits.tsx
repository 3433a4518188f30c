// Small parts of this screen: panels, figures with their names, and bars.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon, type IconName } from "../../parts/icon";
import type { Tone } from "../../parts/signs";

export type Place =
  | "sys-backup"
  | "sys-cameras"
  | "sys-database"
  | "sys-detector"
  | "sys-disks"
  | "sys-gpu"
  | "sys-machine";

/** A group of what belongs together, with its heading; `aside` stands beside that. */
export function Panel({
  title,
  icon,
  aside,
  problem,
  place,
  children,
}: {
  title: string;
  icon: IconName;
  /** What links on this screen call it. */
  place?: Place;
  aside?: ComponentChildren;
  /** Why what is shown may be old. */
  problem?: string | null;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section id={place} class="panel sys-panel" aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id} class="sys-title">
          <Icon name={icon} />
          {title}
        </h2>
        {aside}
      </header>
      {children}
      {problem && (
        <p class="error" role="status">
          This may be old: {problem}
        </p>
      )}
    </section>
  );
}

/** Figures, each with its name. */
export function Figures({ children }: { children: ComponentChildren }) {
  return <dl class="sys-figures">{children}</dl>;
}

/** One figure; it is left out where it is not known. */
export function Figure({
  name,
  value,
  note,
}: {
  name: string;
  value: ComponentChildren | null;
  note?: ComponentChildren;
}) {
  if (value === null) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {note !== undefined && <span class="muted small"> {note}</span>}
      </dd>
    </div>
  );
}

/** A bar that is filled as far as `ratio` (0 to 1) says; the words beside it say the same. */
export function Bar({
  name,
  ratio,
  words,
  tone = "wait",
  isProgress,
}: {
  name: string;
  ratio: number;
  words: string;
  tone?: Tone;
  /** It fills up by itself, and tells so. */
  isProgress?: boolean;
}) {
  const filled = Math.min(1, Math.max(0, ratio));
  return (
    <div class="sys-bar" data-tone={tone}>
      <span class="sys-bar-name">{name}</span>
      <span class="sys-bar-words">{words}</span>
      <div
        class="sys-track"
        {...(isProgress
          ? { role: "progressbar", "aria-label": name, "aria-valuenow": Math.round(filled * 100) }
          : { "aria-hidden": true })}
      >
        <span style={{ width: `${filled * 100}%` }} />
      </div>
    </div>
  );
}

/** A sentence in which what stands between backticks is to be typed as it is. */
export function WithCode({ text }: { text: string }) {
  return (
    <>{text.split("`").map((piece, place) => (place % 2 === 1 ? <code key={place}>{piece}</code> : piece))}</>
  );
}

/** A table that is wider than the screen scrolls by itself; a plain one stays a table on a phone. */
export function ScrolledTable({
  name,
  isPlain,
  children,
}: {
  name: string;
  isPlain?: boolean;
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with the keyboard
    <section class={isPlain ? "sys-table sys-plain" : "sys-table"} aria-label={name} tabIndex={0}>
      {children}
    </section>
  );
}

/** How a share of something limited is coloured; the number says it too. */
export const toneOf = (ratio: number): Tone => (ratio >= 0.95 ? "bad" : ratio >= 0.85 ? "warn" : "wait");
