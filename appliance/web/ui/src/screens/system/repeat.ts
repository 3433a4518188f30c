type Page = Pick<Document, "hidden" | "addEventListener" | "removeEventListener">;

/**
 * Do some work now, and again `everyMs` after it was done, while the page is in front; at once when it comes back
 * there. Never twice at a time. Returns what ends it.
 */
export function repeat(work: () => Promise<void>, everyMs: number, page: Page = document): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWorking = false;
  let isOver = false;
  const next = async () => {
    clearTimeout(timer);
    if (page.hidden || isWorking) return;
    isWorking = true;
    await work();
    isWorking = false;
    if (!isOver) timer = setTimeout(next, everyMs);
  };
  page.addEventListener("visibilitychange", next);
  void next();
  return () => {
    isOver = true;
    clearTimeout(timer);
    page.removeEventListener("visibilitychange", next);
  };
}
