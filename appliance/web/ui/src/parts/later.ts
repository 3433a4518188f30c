// What cannot be undone is done only after a while, in which it can be taken back.

import { wordsOf } from "../api";
import { tell } from "./toasts";

const WAIT_MS = 8000;

/**
 * Say that something is done, and do it in eight seconds unless it is taken back. `back` puts things on the page as
 * they were, after an undo as well as after a failure. Who leaves the page before has not done it.
 */
export function later(text: string, act: () => Promise<unknown>, back: () => void): void {
  const timer = window.setTimeout(async () => {
    try {
      await act();
    } catch (problem) {
      back();
      tell({ text: wordsOf(problem), tone: "bad" });
    }
  }, WAIT_MS);
  tell({
    text,
    ms: WAIT_MS,
    undo: () => {
      clearTimeout(timer);
      back();
    },
  });
}
