// The handles of the chosen shape: its corners, and the middles of its edges where corners can be added.

import { useLayoutEffect, useRef } from "preact/hooks";
import { announce } from "../../parts/announcer";
import { type Scale, stepOf } from "./drawing";
import type { Editor } from "./editor";
import { edgesOf, middle, type Point, type Size } from "./geometry";
import { roomyEdges } from "./hit";
import { pointsOf, type Shape } from "./scene";

interface Props {
  editor: Editor;
  shape: Shape;
  scale: Scale;
  /** The picture's size on the screen. */
  screen: Size;
}

// A target of 40 pixels and more, for fingers.
const REACH_PX = 20.5;
const DOT_PX = 7;

export function Corners({ editor, shape, scale, screen }: Props) {
  const points = pointsOf(shape);
  const edges = edgesOf(points);
  return (
    <g class="corners" data-kind={shape.kind}>
      {roomyEdges(shape, screen).map((at) => (
        <Middle key={`middle ${at}`} at={middle(...(edges[at] as [Point, Point]))} scale={scale} />
      ))}
      {shape.kind === "zone" && shape.points.length === 4 && <Sides shape={shape} scale={scale} />}
      {points.map((point, index) => (
        <Corner key={index} {...{ editor, shape, scale, point, index, of: points.length }} />
      ))}
    </g>
  );
}

function Middle({ at, scale }: { at: Point; scale: Scale }) {
  const [x, y] = scale.at(at);
  const { px } = scale;
  return (
    <g class="middle">
      <circle class="reach" cx={x} cy={y} r={REACH_PX * px} />
      <circle class="dot-of" cx={x} cy={y} r={7 * px} />
      <path d={`M${x - 3.5 * px} ${y}h${7 * px}M${x} ${y - 3.5 * px}v${7 * px}`} />
    </g>
  );
}

/** How long the sides are on the ground, where that is known. */
function Sides({ shape, scale }: { shape: Shape & { kind: "zone" }; scale: Scale }) {
  const { px } = scale;
  if (shape.sides_m === null) return null;
  return (
    <>
      {edgesOf(shape.points).map(([a, b], index) => {
        // Not in the middle, where a corner can be added.
        const [x, y] = scale.at([a[0] + (b[0] - a[0]) * 0.3, a[1] + (b[1] - a[1]) * 0.3]);
        const text = `${shape.sides_m?.[index] ?? "?"} m`;
        const width = (text.length * 6.4 + 10) * px;
        return (
          <g class="side" key={index}>
            <rect x={x - width / 2} y={y - 9 * px} width={width} height={18 * px} rx={4 * px} />
            <text x={x} y={y + 4 * px} font-size={11 * px}>
              {text}
            </text>
          </g>
        );
      })}
    </>
  );
}

interface CornerProps {
  editor: Editor;
  shape: Shape;
  scale: Scale;
  point: Point;
  index: number;
  of: number;
}

function Corner({ editor, shape, scale, point, index, of }: CornerProps) {
  const element = useRef<SVGGElement>(null);
  const [x, y] = scale.at(point);
  const { px } = scale;
  const toFocus = editor.toFocus.value;
  useLayoutEffect(() => {
    if (toFocus !== index) return;
    element.current?.focus({ preventScroll: true });
    editor.toFocus.value = null;
  }, [toFocus]);
  const onKey = (event: KeyboardEvent) => {
    if (!actOn(event, editor, point, index)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const name = shape.kind === "line" ? `End ${index + 1}` : `Corner ${index + 1} of ${of}`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: there is no button within a drawing
    <g
      ref={element}
      class="corner"
      data-chosen={editor.corner.value === index || undefined}
      role="button"
      aria-roledescription={shape.kind === "line" ? "end" : "corner"}
      tabIndex={0}
      aria-label={`${name} of ${shape.name}: ${whereIs(point)}`}
      onFocus={() => {
        editor.corner.value = index;
      }}
      onBlur={() => editor.settle(`keys ${index}`)}
      onKeyDown={onKey}
    >
      <circle class="reach" cx={x} cy={y} r={REACH_PX * px} />
      <circle class="ring" cx={x} cy={y} r={12 * px} />
      <circle class="dot-of" cx={x} cy={y} r={DOT_PX * px} />
    </g>
  );
}

const percent = (value: number) => `${Math.round(value * 1000) / 10} %`;

/** `34.5 % from the left, 60 % from the top`. */
export const whereIs = ([x, y]: Point) => `${percent(x)} from the left, ${percent(y)} from the top`;

/** Do what a key does at a corner; false for other keys. */
function actOn(event: KeyboardEvent, editor: Editor, point: Point, index: number): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const step = stepOf(event);
  if (step !== null) {
    editor.movePoint(index, [point[0] + step[0], point[1] + step[1]], `keys ${index}`);
    announce(whereIs([point[0] + step[0], point[1] + step[1]]));
    return true;
  }
  switch (event.key) {
    case "Delete":
    case "Backspace":
      if (!editor.removePoint(index)) announce("It needs the corners that are left.");
      return true;
    case "Insert":
    case "Enter":
      if (editor.addAfter(index) === null) announce("There is no room for another corner.");
      return true;
    default:
      return false;
  }
}
