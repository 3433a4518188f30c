// What is not saved yet is not lost by going elsewhere: whoever leaves is asked first.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { Button } from "./button";
import { Dialog } from "./dialog";

type Go = () => void;
let guard: ((go: Go) => void) | null = null;
let onBack: ((event: PopStateEvent) => void) | null = null;

// A window calls its listeners in the order in which they came: this one has to be there before the router's.
globalThis.addEventListener?.("popstate", (event) => onBack?.(event));

/** Go elsewhere, unless somebody has to be asked first. */
export function leave(go: Go): void {
  if (guard === null) go();
  else guard(go);
}

/** Ask before a link, the browser's way back or a key leads elsewhere, for as long as something is not saved. */
export function AskBeforeLeaving({ isChanged, what }: { isChanged: boolean; what: string }) {
  const { route } = useLocation();
  const [going, setGoing] = useState<Go | null>(null);
  const isAllowed = useRef(false);
  // Before it is painted: a link may be pressed at once.
  useLayoutEffect(() => {
    if (!isChanged) return;
    const here = location.href;
    isAllowed.current = false;
    const ask = (go: Go) => setGoing(() => go);
    guard = ask;
    const pressed = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      const isElsewhere =
        link !== null && link.origin === location.origin && link.pathname !== location.pathname;
      if (!isElsewhere || isAllowed.current || event.ctrlKey || event.metaKey || link.target !== "") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(() => route(link.pathname + link.search));
    };
    onBack = (event) => {
      if (isAllowed.current) return;
      const there = location.pathname + location.search;
      event.stopImmediatePropagation();
      history.pushState(null, "", here);
      ask(() => route(there));
    };
    const closed = (event: BeforeUnloadEvent) => event.preventDefault();
    document.addEventListener("click", pressed, true);
    addEventListener("beforeunload", closed);
    return () => {
      guard = null;
      onBack = null;
      document.removeEventListener("click", pressed, true);
      removeEventListener("beforeunload", closed);
    };
  }, [isChanged]);
  const go = () => {
    isAllowed.current = true;
    setGoing(null);
    going?.();
  };
  return (
    <Dialog title="Leave without saving?" isOpen={going !== null} onClose={() => setGoing(null)}>
      <div class="form">
        <p>{what}</p>
        <div class="actions">
          <Button autoFocus kind="primary" onClick={() => setGoing(null)}>
            Stay here
          </Button>
          <Button kind="danger" onClick={go}>
            Leave without saving
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
