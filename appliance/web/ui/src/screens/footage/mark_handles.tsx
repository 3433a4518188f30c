// The two ends of a marked time: sliders for fingers and keys, over the canvas.

import { useRef } from "preact/hooks";
import { moment } from "../../words";
import type { Desk } from "./desk";
import { msAt, spanOf, xOf } from "./scale";
import { heightOf, SCALE_PX } from "./scene";

const LEAST_MS = 1000;

export function MarkHandles({ desk }: { desk: Desk }) {
  const marked = desk.marked.value;
  const box = useRef<HTMLDivElement>(null);
  if (marked === null) return null;
  return (
    <div class="mark-handles" ref={box} style={{ height: `${heightOf(desk.cameras.value.length)}px` }}>
      <Handle desk={desk} end="fromMs" box={box} />
      <Handle desk={desk} end="toMs" box={box} />
    </div>
  );
}

function Handle({
  desk,
  end,
  box,
}: {
  desk: Desk;
  end: "fromMs" | "toMs";
  box: { current: HTMLDivElement | null };
}) {
  const marked = desk.marked.value;
  if (marked === null) return null;
  const view = desk.view.value;
  const ratio = xOf(view, 1, marked[end]);
  const move = (ms: number) => {
    const within = Math.min(ms, Date.now());
    const to =
      end === "fromMs"
        ? { ...marked, fromMs: Math.min(within, marked.toMs - LEAST_MS) }
        : { ...marked, toMs: Math.max(within, marked.fromMs + LEAST_MS) };
    desk.marked.value = to;
  };
  const drag = (event: PointerEvent) => {
    const element = event.currentTarget as HTMLElement;
    if (!element.hasPointerCapture(event.pointerId) || box.current === null) return;
    const { left, width } = box.current.getBoundingClientRect();
    move(msAt(view, width, event.clientX - left));
    desk.point(event.clientX - left, 0, width, false);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 1000 : Math.max(1000, spanOf(view) / 120);
    const by = { ArrowRight: step, ArrowUp: step, ArrowLeft: -step, ArrowDown: -step }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    move(marked[end] + by);
  };
  return (
    <div
      class="mark-handle"
      data-end={end === "fromMs" ? "from" : "to"}
      role="slider"
      tabIndex={0}
      hidden={ratio < -0.02 || ratio > 1.02}
      aria-label={end === "fromMs" ? "Begin of the marked time" : "End of the marked time"}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(Math.min(1, Math.max(0, ratio)) * 100)}
      aria-valuetext={moment(marked[end])}
      style={{ left: `${ratio * 100}%`, top: `${SCALE_PX - 8}px` }}
      onPointerDown={(event) => (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onLostPointerCapture={() => desk.leave()}
      onKeyDown={onKey}
    />
  );
}
