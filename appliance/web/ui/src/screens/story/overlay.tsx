import type { ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Boxes } from "../../video/boxes";
import type { Event, Story } from "../../wire";
import { boxAt, footOf, indexAt, type Spot } from "./track";

interface Props {
  event: Event;
  story: Story | null;
  spots: ReadonlySignal<readonly Spot[]>;
  /** The moment that is shown; null where it is the event's picture. */
  wallMs: ReadonlySignal<number | null> | null;
  size: ReadonlySignal<{ width: number; height: number } | null>;
}

/** The object's box at the moment that is shown, and the way that it has taken until then. */
export function Overlay({ event, story, spots, wallMs, size }: Props) {
  const path = useMemo(
    () => (story?.path ?? []).map(({ at, box }) => ({ atMs: Date.parse(at), box })),
    [story],
  );
  const frame = size.value;
  if (frame === null) return null;
  const { width, height } = frame;
  const atMs = wallMs === null ? null : wallMs.value;
  const box =
    wallMs === null ? event.box : atMs === null ? null : (boxAt(spots.value, atMs) ?? boxAt(path, atMs));
  const gone = atMs === null ? (wallMs === null ? path : []) : path.slice(0, indexAt(path, atMs) + 1);
  const feet = gone.map((one) => footOf(one.box));
  if (box !== null && atMs !== null) feet.push(footOf(box));
  return (
    <Boxes
      width={width}
      height={height}
      path={feet.map(([x, y]) => [x * width, y * height] as const)}
      boxes={
        box === null
          ? []
          : [
              {
                box: [box[0] * width, box[1] * height, box[2] * width, box[3] * height],
                label: event.label,
                track_id: event.track_id,
              },
            ]
      }
    />
  );
}
