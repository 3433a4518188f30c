// All cameras: what each shows, how it is, and what to do about it.

import { recordingWords, STATES } from "../../camera_words";
import { Icon } from "../../parts/icon";
import { Pill } from "../../parts/signs";
import { may } from "../../state/access";
import { cameraList, camerasDown, figures } from "../../state/session";
import { LiveScreen } from "../../video/live_screen";
import type { Camera } from "../../wire";
import { count, lasting, moment, now } from "../../words";
import { FirstStart } from "../live/first_start";
import { Findings } from "./findings";
import { factsOf, findingsOf } from "./measures";

export function CameraList() {
  const all = cameraList.value;
  if (all.length === 0) return <FirstStart />;
  const down = camerasDown.value;
  return (
    <>
      <header class="screen-head">
        <h1>Cameras</h1>
        <p class="muted small">
          {count(all.length, "camera")}
          {down > 0 && `, ${down} of them down`}
        </p>
        {may("cameras.manage") && (
          <a class="button primary" href="/cameras/new">
            <Icon name="plus" />
            <span>Add a camera</span>
          </a>
        )}
      </header>
      <ul class="camera-cards">
        {all.map((camera) => (
          <li key={camera.id}>
            <Card camera={camera} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Card({ camera }: { camera: Camera }) {
  const stats = figures.value.get(camera.id);
  const [recording, tone] = recordingWords(camera, stats);
  return (
    <article class="camera-card panel" data-camera={camera.id}>
      <div class="camera-picture">
        <LiveScreen camera={camera} stream="small" />
      </div>
      <div class="camera-card-body">
        <header>
          <h2>
            <a href={`/cameras/${camera.id}`}>{camera.name}</a>
          </h2>
          <State camera={camera} />
        </header>
        <p class="muted small">{factsOf(camera.stream, stats)}</p>
        <p class="small recorded" data-tone={tone}>
          <span class="dot" aria-hidden="true" />
          <span>{recording}</span>
        </p>
        <Findings items={findingsOf(camera, stats).slice(0, 2)} isShort />
        <p class="camera-links small">
          <a href={`/footage?camera=${camera.id}`}>
            Footage<span class="unseen"> of {camera.name}</span>
          </a>
          <a href={`/cameras/${camera.id}`}>
            {camera.managed_by === "file" || !may("cameras.manage") ? "Details" : "Settings"}
            <span class="unseen"> of {camera.name}</span>
          </a>
        </p>
      </div>
    </article>
  );
}

/** The state in a word, and since when. */
export function State({ camera }: { camera: Camera }) {
  const [word, tone] = STATES[camera.status];
  return (
    <span class="camera-state">
      <Pill tone={tone} text={word} title={camera.status_reason} />
      {camera.status_since !== null && (
        <time
          class="muted small"
          dateTime={camera.status_since}
          title={`Since ${moment(Date.parse(camera.status_since))}`}
        >
          for {lasting(now.value - Date.parse(camera.status_since))}
        </time>
      )}
    </span>
  );
}
