// The shapes on the picture, in its own pixels, with handles on the one that is chosen.

import { useMemo, useRef } from "preact/hooks";
import { Corners } from "./corners";
import type { Editor } from "./editor";
import { faultOf } from "./faults";
import { areaOf, forwardOf, heartOf, middle, type Point, type Size } from "./geometry";
import { Gestures } from "./gestures";
import { frameIn, useScreenSize } from "./picture_size";
import { isSame, NAMES, type Shape, shapesOf } from "./scene";

interface Props {
  editor: Editor;
  /** The picture's own size. */
  size: Size;
  /** What is said of a shape beside its name, such as how many it would have caught. */
  noteOf: (shape: Shape) => string | null;
  /** It can only be looked at. */
  isFixed: boolean;
}

/** What is drawn in the picture's pixels: how long one of the screen's is, and where points are. */
export interface Scale {
  px: number;
  size: Size;
  at: (point: Point) => readonly [number, number];
  path: (points: readonly Point[]) => string;
}

export function Drawing({ editor, size, noteOf, isFixed }: Props) {
  const svg = useRef<SVGSVGElement>(null);
  const screen = useScreenSize(svg, size);
  const newest = useRef(size);
  newest.current = size;
  // One for as long as it is shown: the picture may change its size in the middle of a drag.
  const gestures = useMemo(() => new Gestures(editor, () => frameIn(svg.current, newest.current)), [editor]);
  const at = ([x, y]: Point) => [x * size.width, y * size.height] as const;
  const path = (points: readonly Point[]) => points.map((one) => at(one).join(",")).join(" ");
  const scale: Scale = { px: size.width / screen.width || 1, size, at, path };
  const { draft, chosen, scene, shape } = editor;
  return (
    <svg
      ref={svg}
      class="drawing on-picture"
      data-drawing={draft.value !== null || undefined}
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="application"
      aria-label="What is drawn on the picture"
      data-fixed={isFixed || undefined}
      inert={isFixed}
      onPointerDown={gestures.down}
      onPointerMove={gestures.move}
      onPointerUp={gestures.up}
      onPointerCancel={gestures.cancel}
      onPointerLeave={gestures.leave}
    >
      <title>What is drawn on the picture</title>
      <Hatching px={scale.px} />
      {shapesOf(scene.value).map((one) => (
        <Outline
          key={`${one.kind} ${one.id}`}
          editor={editor}
          shape={one}
          scale={scale}
          isChosen={isSame(one, chosen.value)}
          note={noteOf(one)}
        />
      ))}
      {draft.value === null && shape.value !== null && (
        <Corners editor={editor} shape={shape.value} scale={scale} screen={screen} />
      )}
      {draft.value !== null && <Sketch editor={editor} scale={scale} />}
    </svg>
  );
}

function Hatching({ px }: { px: number }) {
  const step = 9 * px;
  return (
    <defs>
      <pattern
        id="hatching"
        width={step}
        height={step}
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <line x1={0} y1={0} x2={0} y2={step} />
      </pattern>
    </defs>
  );
}

interface OutlineProps {
  editor: Editor;
  shape: Shape;
  scale: Scale;
  isChosen: boolean;
  note: string | null;
}

const STEP = 0.005;
const LEAP = 0.05;
const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** How far an arrow key moves something; null for other keys. */
export function stepOf({ key, shiftKey }: KeyboardEvent): Point | null {
  const way = ARROWS[key];
  const step = shiftKey ? LEAP : STEP;
  return way === undefined ? null : [way[0] * step, way[1] * step];
}

function Outline({ editor, shape, scale, isChosen, note }: OutlineProps) {
  const onKey = (event: KeyboardEvent) => {
    const step = stepOf(event);
    if (step !== null && isChosen) editor.moveAll(...step, "keys whole");
    else if (event.key === "Enter" || event.key === " ") editor.choose(shape);
    else if (event.key === "Delete" && isChosen) editor.remove(shape);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: there is no button within a drawing
    <g
      class="shape"
      data-kind={shape.kind}
      data-hides={shape.kind === "mask" ? shape.hides : undefined}
      data-chosen={isChosen || undefined}
      data-wrong={faultOf(shape, editor.scene.value) !== null || undefined}
      role="button"
      tabIndex={0}
      aria-pressed={isChosen}
      aria-label={sayShape(shape)}
      onKeyDown={onKey}
      onBlur={() => editor.settle("keys whole")}
    >
      {shape.kind === "line" ? (
        <LineOf a={shape.a} b={shape.b} counts={shape.counts} scale={scale} isChosen={isChosen} />
      ) : (
        <polygon points={scale.path(shape.points)} />
      )}
      <Name shape={shape} scale={scale} note={note} />
    </g>
  );
}

function sayShape(shape: Shape): string {
  const what = `${NAMES[shape.kind]} ${shape.name}`;
  if (shape.kind === "line") return what;
  return `${what}, ${shape.points.length} corners, ${Math.round(areaOf(shape.points) * 100)} % of the picture`;
}

const SIDE_PX = 26;
const ARROW_PX = 7;

function LineOf({
  a,
  b,
  counts,
  scale,
  isChosen,
}: {
  a: Point;
  b: Point;
  counts: "both" | "forward" | "backward";
  scale: Scale;
  isChosen: boolean;
}) {
  const { px, at, size } = scale;
  const [[ax, ay], [bx, by], [mx, my]] = [at(a), at(b), at(middle(a, b))];
  const [fx, fy] = forwardOf(a, b, size);
  const far = SIDE_PX * px;
  const tip = (way: 1 | -1) => {
    const [x, y] = [mx + way * fx * 15 * px, my + way * fy * 15 * px];
    const back = ARROW_PX * px;
    const [left, right] = [
      [x - way * fx * back - fy * back * 0.7, y - way * fy * back + fx * back * 0.7],
      [x - way * fx * back + fy * back * 0.7, y - way * fy * back - fx * back * 0.7],
    ];
    return `${left} ${[x, y]} ${right}`;
  };
  return (
    <>
      <line class="line-reach" x1={ax} y1={ay} x2={bx} y2={by} />
      <line class="line-halo" x1={ax} y1={ay} x2={bx} y2={by} />
      <line class="line-ink" x1={ax} y1={ay} x2={bx} y2={by} />
      <line
        class="line-arrow"
        x1={mx - (counts === "forward" ? 0 : fx * 14 * px)}
        y1={my - (counts === "forward" ? 0 : fy * 14 * px)}
        x2={mx + (counts === "backward" ? 0 : fx * 14 * px)}
        y2={my + (counts === "backward" ? 0 : fy * 14 * px)}
      />
      {counts !== "backward" && <polyline class="line-arrow" points={tip(1)} />}
      {counts !== "forward" && <polyline class="line-arrow" points={tip(-1)} />}
      {isChosen && (
        <>
          <Badge x={mx - fx * far * 1.25} y={my - fy * far * 1.25} text="A" px={px} />
          <Badge x={mx + fx * far * 1.25} y={my + fy * far * 1.25} text="B" px={px} />
        </>
      )}
    </>
  );
}

function Badge({ x, y, text, px }: { x: number; y: number; text: string; px: number }) {
  return (
    <g class="badge">
      <circle cx={x} cy={y} r={9.5 * px} />
      <text x={x} y={y + 4 * px} font-size={11.5 * px}>
        {text}
      </text>
    </g>
  );
}

const LETTER_PX = 6.9;

function Name({ shape, scale, note }: { shape: Shape; scale: Scale; note: string | null }) {
  const { px, at, size } = scale;
  const text = note === null ? shape.name : `${shape.name} · ${note}`;
  const width = (text.length * LETTER_PX + 14) * px;
  const [heartX, heartY] = at(shape.kind === "line" ? shape.a : heartOf(shape.points));
  // A line's name stands above its first end, or below it where there is no room.
  const aside = shape.kind !== "line" ? 0 : heartY > 44 * px ? -26 * px : 26 * px;
  const x = Math.min(Math.max(heartX, width / 2), size.width - width / 2);
  const y = Math.min(Math.max(heartY + aside, 12 * px), size.height - 12 * px);
  return (
    <g class="shape-name">
      <rect x={x - width / 2} y={y - 10 * px} width={width} height={20 * px} rx={10 * px} />
      <text x={x} y={y + 4.2 * px} font-size={12 * px}>
        {text}
      </text>
    </g>
  );
}

/** What is being drawn, as far as it is. */
function Sketch({ editor, scale }: { editor: Editor; scale: Scale }) {
  const { px, at, path } = scale;
  const draft = editor.draft.value;
  const stretch = editor.stretch.value;
  if (draft === null) return null;
  const points = stretch ?? [
    ...draft.points,
    ...(editor.pointer.value === null ? [] : [editor.pointer.value]),
  ];
  const isArea = draft.kind !== "line" && points.length > 2;
  return (
    <g class="sketch" data-kind={draft.kind}>
      {isArea ? <polygon points={path(points)} /> : <polyline points={path(points)} />}
      {draft.points.map((one, index) => {
        const [x, y] = at(one);
        const canClose = index === 0 && editor.canFinish.value;
        return (
          <circle
            key={one.join()}
            cx={x}
            cy={y}
            r={(canClose ? 9 : 5) * px}
            data-closes={canClose || undefined}
          />
        );
      })}
    </g>
  );
}
