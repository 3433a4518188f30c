// One camera in the grid: its picture, how it is doing, whether it is recorded, and what was seen last.

import { LiveScreen } from "../../video/live_screen";
import type { Camera, Event } from "../../wire";
import { addressOf } from "./address";
import { LatestEvent, RecordingSign, stateOf } from "./signs";

interface Props {
  camera: Camera;
  event: Event | undefined;
  boxes: boolean;
  isCovered: boolean;
  isWall: boolean;
  /** The key that opens it, where there is one. */
  number: number;
}

export function Tile({ camera, event, boxes, isCovered, isWall, number }: Props) {
  const [state, tone] = stateOf(camera);
  return (
    <li class="tile on-picture" data-camera={camera.id} data-status={camera.status}>
      <LiveScreen camera={camera} stream="small" boxes={boxes} isCovered={isCovered} />
      <a
        class="tile-open"
        href={addressOf(camera.id, isWall)}
        aria-keyshortcuts={number <= 9 ? String(number) : undefined}
      >
        <span class="unseen">{`${camera.name}, ${state}. Watch it large`}</span>
      </a>
      <p class="tile-head">
        <span class="tile-name">
          <span class="dot" data-tone={tone} aria-hidden="true" />
          <strong>{camera.name}</strong>
          <span class="tile-state">{state}</span>
        </span>
        <RecordingSign camera={camera} />
      </p>
      {event !== undefined && <LatestEvent event={event} camera={camera} kind="plate" />}
    </li>
  );
}
