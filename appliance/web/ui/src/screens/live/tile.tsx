// One camera in the grid: its picture, how it is doing, whether it is recorded, and what was seen last.

import { recordingWords, STATES } from "../../camera_words";
import { Icon } from "../../parts/icon";
import { Ago, Severity } from "../../parts/signs";
import { figures } from "../../state/session";
import { LiveScreen } from "../../video/live_screen";
import type { Camera, Event } from "../../wire";
import { addressOf } from "./address";

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
  const [state, tone] = STATES[camera.status];
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
      {event !== undefined && <Latest event={event} />}
    </li>
  );
}

/** A red dot and a word while it is recorded, as on cameras themselves; otherwise why it is not. */
function RecordingSign({ camera }: { camera: Camera }) {
  const [words, tone] = recordingWords(camera, figures.value.get(camera.id));
  const isRecording = figures.value.get(camera.id)?.recording === "recording";
  return (
    <span class="recording-sign" data-recording={isRecording} data-tone={tone} title={words}>
      <span aria-hidden="true">
        {isRecording && <span class="recording-dot" />}
        {tone === "bad" || tone === "warn" ? <Icon name="warn" /> : null}
        <span class="recording-word">{isRecording ? "REC" : "Not recording"}</span>
      </span>
      <span class="unseen">{words}</span>
    </span>
  );
}

function Latest({ event }: { event: Event }) {
  return (
    <a class="tile-event" href={`/events/${event.id}`} title={event.summary}>
      <span class="tile-event-label">{event.label}</span>
      <Severity of={event.severity} />
      <span class="tile-event-time">
        {event.state === "open" ? "there now" : <Ago iso={event.last_seen_at} />}
      </span>
    </a>
  );
}
