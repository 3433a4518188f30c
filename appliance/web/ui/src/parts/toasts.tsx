// Short messages at the edge of the page, with an undo where there is one.

import { signal } from "@preact/signals";
import { Icon } from "./icon";

interface Toast {
  id: number;
  text: string;
  tone: "good" | "bad" | "idle";
  undo?: () => void;
  timer: number;
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
  const drop = () => {
    toasts.value = toasts.value.filter((one) => one.id !== id);
  };
  const timer = window.setTimeout(drop, ms);
  toasts.value = [...toasts.value.slice(-3), { id, text, tone, timer, ...(undo && { undo }) }];
  return drop;
}

export function Toasts() {
  return (
    <ul class="toasts" role="status">
      {toasts.value.map((toast) => (
        <li key={toast.id} data-tone={toast.tone}>
          <Icon name={toast.tone === "bad" ? "warn" : "info"} />
          <span>{toast.text}</span>
          {toast.undo && (
            <button
              type="button"
              class="button small"
              onClick={() => {
                toast.undo?.();
                toasts.value = toasts.value.filter((one) => one.id !== toast.id);
              }}
            >
              Undo
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
