// The keys of the editor that hold wherever the focus is.

import { useEffect } from "preact/hooks";
import { type Binding, useKeys } from "../../keys";
import type { Editor } from "./editor";

/** What the keys do while something can be drawn. */
export function useEditorKeys(editor: Editor, isFixed: boolean): void {
  useKeys("Zones", isFixed ? [] : keysOf(editor));
  useEffect(() => {
    if (isFixed) return;
    const pressed = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      if (!(event.ctrlKey || event.metaKey) || event.altKey || isInText(event.target)) return;
      if (key === "z" && !event.shiftKey) editor.undo();
      else if (key === "y" || (key === "z" && event.shiftKey)) editor.redo();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [editor, isFixed]);
}

const keysOf = (editor: Editor): Binding[] => [
  { keys: "Escape", does: "Stop drawing, or choose nothing", act: () => stop(editor) },
  { keys: "Enter", does: "Finish what is drawn; at a corner: add one after it", act: () => finish(editor) },
  { keys: "Delete", does: "Delete the corner that has the focus", act: () => undefined },
  {
    keys: "ArrowUp",
    does: "Move the corner or shape that has the focus; with Shift far",
    act: () => undefined,
  },
];

// A field undoes by itself what is written in it.
const isInText = (target: EventTarget | null) =>
  target instanceof Element &&
  target.closest("input:not([type=checkbox], [type=radio]), textarea, dialog") !== null;

function stop(editor: Editor): void {
  if (editor.draft.value !== null) editor.cancel();
  else editor.choose(null);
}

function finish(editor: Editor): void {
  if (editor.canFinish.value) editor.finish();
}
