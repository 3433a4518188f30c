// Dark, light, or as the system has it; kept in this browser.

import { signal } from "@preact/signals";
import { Icon } from "./parts/icon";

const THEMES = ["system", "dark", "light"] as const;
type Theme = (typeof THEMES)[number];

// Of theme.js, which runs before anything is painted.
declare function showTheme(theme: Theme): void;

const WORDS = { system: "as the system", dark: "dark", light: "light" };

const theme = signal<Theme>((document.documentElement.dataset.theme as Theme | undefined) ?? "system");

function choose(next: Theme): void {
  theme.value = next;
  showTheme(next);
  try {
    if (next === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", next);
  } catch {
    // A browser that keeps nothing shows it until the page is left.
  }
}

export function ThemeButton() {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "system";
  return (
    <button
      type="button"
      class="button quiet icon-only"
      aria-label={`Colours: ${WORDS[theme.value]}. Change to ${WORDS[next]}`}
      title={`Colours: ${WORDS[theme.value]}`}
      onClick={() => choose(next)}
    >
      <Icon name={theme.value === "dark" ? "moon" : theme.value === "light" ? "sun" : "contrast"} />
    </button>
  );
}
