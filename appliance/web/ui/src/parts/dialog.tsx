import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "./button";

interface Props {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** `wide` for pictures and tables. */
  size?: "usual" | "wide" | "full";
  /** The page's keys go on working while it is open. */
  hasKeys?: boolean;
  children: ComponentChildren;
}

/** A dialog in front of the page: the browser keeps the focus in it, and Escape closes it. */
export function Dialog({ title, isOpen, onClose, size = "usual", hasKeys, children }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before it is painted: keys belong to an open dialog, and to the page again as soon as it is seen no more.
  useLayoutEffect(() => {
    if (isOpen && !element.current?.open) element.current?.showModal();
    if (!isOpen) element.current?.close();
  }, [isOpen]);
  return (
    <dialog
      ref={element}
      class={`dialog ${size}`}
      aria-labelledby={titleId}
      data-keys={hasKeys || undefined}
      // It is told later; by then it may be open again.
      onClose={() => isOpen && !element.current?.open && onClose()}
      onMouseDown={(event) => isBeside(event, element.current) && onClose()}
    >
      {isOpen && (
        <div class="dialog-body">
          <header class="dialog-head">
            <h2 id={titleId}>{title}</h2>
            <Button kind="quiet" icon="close" label="Close" onClick={onClose} />
          </header>
          {children}
        </div>
      )}
    </dialog>
  );
}

/** Whether a press is beside the dialog; one on its scroll bar is not. */
function isBeside({ target, clientX, clientY }: MouseEvent, dialog: HTMLDialogElement | null): boolean {
  if (dialog === null || target !== dialog) return false;
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
