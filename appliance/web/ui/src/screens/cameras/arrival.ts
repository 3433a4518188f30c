import { useLayoutEffect } from "preact/hooks";

let listTopPx = 0;
let shown: string | null | undefined = null;

/** Begin at the top of a camera's page, and come back to where the list was; the focus goes along. */
export function useArrival(id: string | undefined): void {
  useLayoutEffect(() => {
    const screen = document.getElementById("screen");
    if (screen === null) return;
    const isFirst = shown === null;
    shown = id;
    screen.scrollTop = id === undefined ? listTopPx : 0;
    // What was pressed is gone with its page.
    if (!isFirst && !screen.contains(document.activeElement)) screen.focus({ preventScroll: true });
    if (id !== undefined) return;
    const note = () => {
      listTopPx = screen.scrollTop;
    };
    screen.addEventListener("scroll", note, { passive: true });
    return () => screen.removeEventListener("scroll", note);
  }, [id]);
}
