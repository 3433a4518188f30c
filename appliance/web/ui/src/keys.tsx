// The keyboard: what a screen does with which key, and the overlay that says so (`?`).

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Dialog } from "./parts/dialog";
import { may } from "./state/access";

/**
 * What keys do. `keys` is one key as `KeyboardEvent.key` names it (`j`, `Enter`, `ArrowLeft`), with `Shift+` before
 * it where that matters, or two after one another (`g l`); letters count in either case.
 */
export interface Binding {
  keys: string;
  does: string;
  act: (event: KeyboardEvent) => void;
  /** It is done again and again while the key is held; all else is done once. */
  mayRepeat?: boolean;
  /** The permission that it takes: without it there is no such key. */
  needs?: string;
}

interface Group {
  title: string;
  bindings: readonly Binding[];
}

const BETWEEN_KEYS_MS = 1000;
const groups = signal<readonly Group[]>([]);
const isHelpOpen = signal(false);
let before = { key: "", atMs: 0 };

/** Have keys do something while a component is shown; the latest that is shown comes first. */
export function useKeys(title: string, bindings: readonly Binding[]): void {
  const group = useRef<Group>({ title, bindings });
  group.current.bindings = bindings.filter(({ needs }) => needs === undefined || may(needs));
  // Before it is painted: a key may be pressed as soon as something is seen.
  useLayoutEffect(() => {
    const mine = group.current;
    groups.value = [...groups.value, mine];
    return () => {
      groups.value = groups.value.filter((one) => one !== mine);
    };
  }, []);
}

/** Whether keys belong to what has the focus: a field, or a dialog that is open. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const at = event.target instanceof Element ? event.target : null;
  if (at?.closest("input, textarea, select, [contenteditable]")) return true;
  // Enter and space press what they are on.
  if ((event.key === "Enter" || event.key === " ") && at?.closest("a, button, summary, [role=option]"))
    return true;
  return document.querySelector("dialog[open]:not([data-keys])") !== null;
}

function onKey(event: KeyboardEvent): void {
  if (isTaken(event)) return;
  if (event.key === "?") {
    showKeys();
    return;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const sequence = event.timeStamp - before.atMs < BETWEEN_KEYS_MS ? `${before.key} ${key}` : "";
  const shifted = event.shiftKey ? `Shift+${key}` : "";
  before = { key, atMs: event.timeStamp };
  const found = bindingOf(sequence) ?? bindingOf(shifted) ?? bindingOf(key);
  if (found === undefined) return;
  before = { key: "", atMs: 0 };
  event.preventDefault();
  if (!event.repeat || found.mayRepeat) found.act(event);
}

function bindingOf(keys: string): Binding | undefined {
  for (const group of groups.value.toReversed()) {
    const found = group.bindings.find((one) => one.keys === keys);
    if (found !== undefined) return found;
  }
  return undefined;
}

addEventListener("keydown", onKey);

/** Open the list of keys. */
export function showKeys(): void {
  isHelpOpen.value = true;
}

const NAMES: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  " ": "Space",
};

export function KeysHelp() {
  return (
    <Dialog title="Keys" isOpen={isHelpOpen.value} onClose={() => (isHelpOpen.value = false)}>
      {groups.value.toReversed().map((group) => (
        <section key={group.title} class="keys">
          <h3>{group.title}</h3>
          <dl>
            {group.bindings.map(({ keys, does }) => (
              <div key={keys}>
                <dt>
                  {keys.split(/ (?=.)|\+(?=.)/).map((key) => (
                    <kbd key={key}>{NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <p class="muted">? opens this list.</p>
    </Dialog>
  );
}
