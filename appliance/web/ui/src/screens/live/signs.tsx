// What is said of a camera beside its picture; nothing that cannot be known while the box does not answer.

import { recordingWords, STATES } from "../../camera_words";
import { Icon } from "../../parts/icon";
import { Ago, Severity } from "../../parts/signs";
import { isInReach } from "../../state/reach";
import { figures } from "../../state/session";
import type { Camera, Event } from "../../wire";

/** A camera's state in words, and its tone. */
export function stateOf(camera: Camera) {
  return isInReach.value ? STATES[camera.status] : (["Not known", "idle"] as const);
}

/** A red dot and a word while it is recorded, as on cameras themselves; otherwise why it is not. */
export function RecordingSign({ camera }: { camera: Camera }) {
  if (!isInReach.value) return null;
  const now = figures.value.get(camera.id);
  const [words, tone] = recordingWords(camera, now);
  const isRecording = now?.recording === "recording";
  return (
    <span class="recording-sign" data-recording={isRecording} data-tone={tone} title={words}>
      <span aria-hidden="true">
        {isRecording && <span class="recording-dot" />}
        {(tone === "bad" || tone === "warn") && <Icon name="warn" />}
        <span class="recording-word">{isRecording ? "REC" : "Not recording"}</span>
      </span>
      <span class="unseen">{words}</span>
    </span>
  );
}

/** What was seen last, and when; a link to it. */
export function LatestEvent({
  event,
  camera,
  kind,
}: {
  event: Event;
  camera: Camera;
  kind: "plate" | "line";
}) {
  const isThere = event.state === "open" && camera.status === "online" && isInReach.value;
  return (
    <a class={`latest-event ${kind}`} href={`/events/${event.id}`} title={event.summary}>
      <span class="latest-event-label">{event.label}</span>
      <Severity of={event.severity} />
      <span class="latest-event-time">{isThere ? "there now" : <Ago iso={event.last_seen_at} />}</span>
    </a>
  );
}
