// Dark, light, or as the system has it; kept in this browser.

import { signal } from "@preact/signals";

export type Theme = "system" | "dark" | "light";

// Of theme.js, which runs before anything is painted.
declare function showTheme(theme: Theme): void;

export const theme = signal<Theme>((document.documentElement.dataset.theme as Theme | undefined) ?? "system");

export function chooseTheme(next: Theme): void {
  theme.value = next;
  showTheme(next);
  try {
    if (next === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", next);
  } catch {
    // A browser that keeps nothing shows it until the page is left.
  }
}
