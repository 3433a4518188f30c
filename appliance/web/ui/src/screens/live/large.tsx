// One camera, large: its main stream, with its sound and boxes, and what else there is of it.

import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { recordingWords } from "../../camera_words";
import { useKeys } from "../../keys";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Icon } from "../../parts/icon";
import { Segmented } from "../../parts/segmented";
import { Pill } from "../../parts/signs";
import { may } from "../../state/access";
import { kept } from "../../state/kept";
import { cameraList, figures } from "../../state/session";
import { type Fit, FittingScreen } from "../../video/fitting_screen";
import type { Camera } from "../../wire";
import { clockWithSeconds } from "../../words";
import { addressOf } from "./address";
import { lagWords } from "./lag";
import { latest } from "./latest_events";
import { LatestEvent, stateOf } from "./signs";
import "./large.css";

const quality = kept("live-quality", ["auto", "full", "small"], "auto");
const QUALITIES = [
  ["auto", "Auto"],
  ["full", "Full"],
  ["small", "Small"],
] as const;

interface Props {
  camera: Camera | undefined;
  boxes: boolean;
  onBoxes: () => void;
  onClose: () => void;
}

export function Large({ camera, boxes, onBoxes, onClose }: Props) {
  const isOpen = camera !== undefined;
  return (
    <Dialog title={camera?.name ?? ""} isOpen={isOpen} onClose={onClose} size="full" hasKeys>
      {isOpen && <Stage key={camera.id} camera={camera} boxes={boxes} onBoxes={onBoxes} />}
    </Dialog>
  );
}

function Stage({ camera, boxes, onBoxes }: { camera: Camera; boxes: boolean; onBoxes: () => void }) {
  const stage = useRef<HTMLDivElement>(null);
  const shownMs = useRef<number | null>(null);
  const [hasSound, setSound] = useState(false);
  const [isLagShown, showLag] = useState(false);
  const [reason, setReason] = useState("");
  const [fit, setFit] = useState<Fit>({ stream: "main", isSlow: false });
  const [before, after] = useNeighbours(camera.id);
  const fill = () => toggleFull(stage.current);
  const toggleSound = () => setSound(!hasSound);
  useKeys("One camera", [
    { keys: "ArrowLeft", does: "The camera before", act: before },
    { keys: "ArrowRight", does: "The next camera", act: after },
    { keys: "f", does: "Fill the screen, or not", act: fill },
    { keys: "m", does: "Sound on or off", act: toggleSound },
    { keys: "l", does: "Show how far behind it is", act: () => showLag(!isLagShown) },
  ]);
  return (
    <div class="large" data-camera={camera.id} data-stream={fit.stream}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a short cut; there are a button and a key for it */}
      <div class="large-stage" ref={stage} onDblClick={fill}>
        <FittingScreen
          camera={camera}
          wish={quality.value}
          sound={hasSound}
          boxes={boxes}
          onFrame={(wallMs) => {
            shownMs.current = wallMs;
          }}
          onReason={setReason}
          onFit={setFit}
        />
        <p class="large-note on-picture" role="status">
          {fitWords(fit, hasSound)}
        </p>
        {isLagShown && <Lag shownMs={shownMs} reason={reason} />}
      </div>
      <div class="large-foot">
        <State camera={camera} />
        {camera.has_live_url && <QualityChoice />}
        <div class="buttons">
          <Button icon="back" label="The camera before" onClick={before} />
          <Button icon="forward" label="The next camera" onClick={after} />
          <Button icon={hasSound ? "sound" : "mute"} pressed={hasSound} label="Sound" onClick={toggleSound} />
          <Button icon="boxes" pressed={boxes} label="Boxes around what is detected" onClick={onBoxes} />
          <Button
            icon="info"
            pressed={isLagShown}
            label="How far behind"
            onClick={() => showLag(!isLagShown)}
          />
          {document.fullscreenEnabled && <Button icon="full" label="Fill the screen" onClick={fill} />}
          <Links camera={camera} shownMs={shownMs} />
        </div>
      </div>
    </div>
  );
}

function QualityChoice() {
  return (
    <div class="large-quality">
      <span class="muted small" aria-hidden="true">
        Quality
      </span>
      <Segmented
        label="Quality"
        value={quality.value}
        options={QUALITIES}
        onChange={(value) => (quality.value = value)}
      />
    </div>
  );
}

/** Why the picture is smaller than it could be, or silent although sound is wanted. */
function fitWords({ stream, isSlow }: Fit, hasSound: boolean): string {
  if (stream === "main") return "";
  if (isSlow) return `Smaller picture${hasSound ? ", without sound" : ""}: the connection is slow`;
  return hasSound ? "The small picture has no sound" : "";
}

function State({ camera }: { camera: Camera }) {
  const [text, tone] = stateOf(camera);
  const [recording] = recordingWords(camera, figures.value.get(camera.id));
  const event = latest.value.get(camera.id);
  return (
    <div class="large-state">
      <Pill tone={tone} text={text} />
      <span class="muted small">{camera.status_reason || recording}</span>
      {event !== undefined && <LatestEvent event={event} camera={camera} kind="line" />}
    </div>
  );
}

function Links({ camera, shownMs }: { camera: Camera; shownMs: { readonly current: number | null } }) {
  const { route } = useLocation();
  const id = encodeURIComponent(camera.id);
  const look = (event: MouseEvent) => {
    // The moment is that of the click, so the address is made then; another button follows the plain one.
    event.preventDefault();
    route(`/footage?camera=${id}&at=${new Date(shownMs.current ?? Date.now()).toISOString()}`);
  };
  return (
    <>
      <a class="button" href={`/footage?camera=${id}`} onClick={look}>
        <Icon name="footage" />
        <span>Footage</span>
      </a>
      <a class="button" href={`/cameras/${id}`}>
        <Icon name={may("cameras.manage") ? "edit" : "info"} />
        <span>{may("cameras.manage") ? "Settings" : "Details"}</span>
      </a>
    </>
  );
}

const LOOK_EVERY_MS = 500;

/** When the picture that is shown was taken, and how long ago that is. */
function Lag({ shownMs, reason }: { shownMs: { readonly current: number | null }; reason: string }) {
  const [wallMs, setWallMs] = useState(shownMs.current);
  useEffect(() => {
    const timer = setInterval(() => setWallMs(shownMs.current), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const time = wallMs === null ? "" : clockWithSeconds(wallMs);
  const lag = wallMs === null ? "" : lagWords(Date.now() - wallMs);
  return (
    <p class="large-lag on-picture">
      {[time, lag, reason === "" ? "" : `single pictures: ${reason}`]
        .filter((part) => part !== "")
        .join(" · ") || "No live picture"}
    </p>
  );
}

/** To the camera before and after this one, round the list. */
function useNeighbours(cameraId: string): [before: () => void, after: () => void] {
  const { query, route } = useLocation();
  const go = (step: number) => () => {
    const list = cameraList.value;
    const at = list.findIndex(({ id }) => id === cameraId);
    const next = list[(at + step + list.length) % list.length];
    if (next !== undefined && next.id !== cameraId) route(addressOf(next.id, query.wall === "on"), true);
  };
  return [go(-1), go(1)];
}

function toggleFull(stage: HTMLElement | null): void {
  if (document.fullscreenElement === stage) void document.exitFullscreen();
  else stage?.requestFullscreen?.().catch(() => {});
}
