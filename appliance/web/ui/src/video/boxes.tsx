// Boxes and paths drawn over a picture that is shown with `object-fit: contain`, in the frame's own coordinates.

import { useEffect, useRef, useState } from "preact/hooks";
import "./boxes.css";

/** One box: xyxy in pixels of the frame. */
export interface DrawnBox {
  box: readonly [number, number, number, number];
  label: string;
  /** A number that stays the same for one object, where there is one. */
  track_id?: number | null;
  /** Drawn quieter: not what it is about. */
  isAside?: boolean;
}

interface Props {
  boxes: readonly DrawnBox[];
  /** The frame's size, in pixels. */
  width: number;
  height: number;
  /** Where something went: points in pixels of the frame, oldest first. */
  path?: readonly (readonly [number, number])[];
}

const TEXT_PX = 12;
const LINE_PX = 18;
const LETTER_PX = 7.8;

/** Lies over the picture: the parent has `position: relative`. Screen readers are told elsewhere. */
export function Boxes({ boxes, width, height, path = [] }: Props) {
  const svg = useRef<SVGSVGElement>(null);
  const scale = useScale(svg, width, height);
  // Text keeps its size on the screen, however large the frame is.
  const px = 1 / scale;
  return (
    <svg
      ref={svg}
      class="boxes"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="xMidYMid meet"
      aria-hidden="true"
      data-boxes={boxes.length}
    >
      {path.length > 1 && <polyline class="boxes-path" points={path.map((at) => at.join(",")).join(" ")} />}
      {boxes.map((one, index) => (
        <Box key={one.track_id ?? `${one.label}${index}`} {...one} frameWidth={width} px={px} />
      ))}
    </svg>
  );
}

function Box({ box, label, isAside, frameWidth, px }: DrawnBox & { frameWidth: number; px: number }) {
  const [x0, y0, x1, y1] = box;
  const textWidth = (label.length * LETTER_PX + 10) * px;
  const x = Math.max(0, Math.min(x0, frameWidth - textWidth));
  const y = Math.max(y0, LINE_PX * px);
  return (
    <g class={isAside ? "boxes-aside" : undefined}>
      <rect class="boxes-box" x={x0} y={y0} width={Math.max(0, x1 - x0)} height={Math.max(0, y1 - y0)} />
      <rect class="boxes-name" x={x} y={y - LINE_PX * px} width={textWidth} height={LINE_PX * px} />
      <text x={x + 5 * px} y={y - 5 * px} font-size={TEXT_PX * px}>
        {label}
      </text>
    </g>
  );
}

/** How many pixels of the screen one of the frame is. */
function useScale(svg: { current: SVGSVGElement | null }, width: number, height: number): number {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    if (svg.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(svg.current);
    return () => observer.disconnect();
  }, []);
  return Math.min(size.width / width, size.height / height) || 1;
}
