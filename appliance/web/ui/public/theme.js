// Before anything is painted: dark or light as was chosen in this browser, else as the system has it.

/** Tell the browser: our own styles, and what it paints itself (its bars, and the page before our styles are there). */
globalThis.showTheme = (theme) => {
  const grounds = { dark: "#111318", light: "#f4f1eb" };
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.querySelector("meta[name=color-scheme]").content = theme === "system" ? "dark light" : theme;
  for (const bar of document.querySelectorAll("meta[name=theme-color]"))
    bar.content = grounds[theme] ?? grounds[bar.media.includes("dark") ? "dark" : "light"];
};

try {
  const theme = localStorage.getItem("theme");
  if (theme === "dark" || theme === "light") showTheme(theme);
} catch {
  // A browser that keeps nothing follows the system.
}
