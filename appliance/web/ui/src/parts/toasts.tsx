// Short messages at the edge of the page, with an undo where there is one.

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./icon";

interface Toast {
  id: number;
  text: string;
  tone: "good" | "bad" | "idle";
  undo?: () => void;
}

const USUAL_MS = 6000;
const toasts = signal<readonly Toast[]>([]);
let last = 0;

/** Say something for some seconds; with `undo` there is a button for that. Returns what takes it away. */
export function tell({
  text,
  tone = "idle",
  undo,
  ms = USUAL_MS,
}: {
  text: string;
  tone?: Toast["tone"];
  undo?: () => void;
  ms?: number;
}): () => void {
  last += 1;
  const id = last;
  window.setTimeout(() => drop(id), ms);
  toasts.value = [...toasts.value.slice(-3), { id, text, tone, ...(undo && { undo }) }];
  return () => drop(id);
}

function drop(id: number): void {
  if (toasts.value.some((one) => one.id === id)) toasts.value = toasts.value.filter((one) => one.id !== id);
}

export function Toasts() {
  const box = useRef<HTMLDivElement>(null);
  const shown = toasts.value;
  useLayoutEffect(() => {
    // Shown anew with each, so that it is in front of a dialog that was opened meanwhile.
    box.current?.hidePopover?.();
    if (shown.length > 0) box.current?.showPopover?.();
  }, [shown]);
  return (
    <div class="toasts" role="status" popover="manual" ref={box}>
      {shown.map((toast) => (
        <p key={toast.id} data-tone={toast.tone}>
          <Icon name={toast.tone === "bad" ? "warn" : "info"} />
          <span>{toast.text}</span>
          {toast.undo && (
            <button
              type="button"
              class="button small"
              onClick={() => {
                toast.undo?.();
                drop(toast.id);
              }}
            >
              Undo
            </button>
          )}
        </p>
      ))}
    </div>
  );
}
