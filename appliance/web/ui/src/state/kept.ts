// What somebody has chosen and what this browser remembers.

import { effect, type Signal, signal } from "@preact/signals";

/** A choice that this browser keeps under a name; what it kept that is no longer a choice counts as none. */
export function kept<T extends string>(name: string, choices: readonly T[], usual: T): Signal<T> {
  const before = read(name);
  const choice = signal(choices.find((one) => one === before) ?? usual);
  effect(() => write(name, choice.value));
  return choice;
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing has it until the page is left.
  }
}
