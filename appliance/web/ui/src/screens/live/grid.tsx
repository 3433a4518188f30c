// All cameras at once, tiled so that their pictures are as large as can be.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Camera } from "../../wire";
import { useLatestEvents } from "./latest_events";
import { Tile } from "./tile";
import { columnsOf, type Tiling, tilingOf } from "./tiling";

interface Props {
  cameras: readonly Camera[];
  boxes: boolean;
  /** Everything has to be in sight, since nobody is there to scroll. */
  isWall: boolean;
  /** On a phone: how many columns somebody has chosen. */
  phoneColumns: number;
  isCovered: boolean;
}

export const PHONE_PX = 640;
const GAP_PX = 8;
const WALL_GAP_PX = 3;
const LEAST_PX = 240;
// Below it there is room for a camera's name alone: signs stand for words, and what is wrong is told on the picture.
const NARROW_PX = 320;

export function Grid({ cameras, boxes, isWall, phoneColumns, isCovered }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const size = useSize(list);
  const events = useLatestEvents().value;
  const gap = isWall ? WALL_GAP_PX : GAP_PX;
  const room = { ...size, gap };
  const isPhone = innerWidth <= PHONE_PX && !isWall;
  const tiling = isPhone
    ? columnsOf(phoneColumns, room)
    : tilingOf(cameras.length, room, isWall ? 0 : LEAST_PX);
  return (
    <ul
      class="tiles"
      ref={list}
      style={styleOf(tiling, gap)}
      data-narrow={tiling.width < NARROW_PX || undefined}
    >
      {size.width > 0 &&
        cameras.map((camera, index) => (
          <Tile
            key={camera.id}
            camera={camera}
            event={events.get(camera.id)}
            boxes={boxes}
            isCovered={isCovered}
            isWall={isWall}
            number={index + 1}
          />
        ))}
    </ul>
  );
}

function styleOf({ columns, width, height, isWhole }: Tiling, gap: number) {
  return {
    gap: `${gap}px`,
    gridTemplateColumns: `repeat(${columns}, ${width}px)`,
    gridAutoRows: `${height}px`,
    overflowY: isWhole ? "hidden" : "auto",
    // Else tiles that fit only beside a scroll bar, and do not need one then, would make it come and go.
    scrollbarGutter: isWhole ? "auto" : "stable",
  };
}

/** The room of an element without its scroll bar, kept right. */
function useSize(element: { readonly current: HTMLElement | null }): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    const observer = new ResizeObserver(() => {
      setSize({ width: current.clientWidth, height: current.clientHeight });
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return size;
}
