// A camera's live picture, with the boxes of what was detected, the reason where there is none, and its age where
// it is old.

import { effect, useComputed } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { sentence } from "../api";
import { useSeen } from "../parts/seen";
import { Ago } from "../parts/signs";
import { connection, isThere } from "../state/session";
import type { Camera } from "../wire";
import { BoxLayer } from "./box_layer";
import { lastPictureOf } from "./last_picture";
import { type FlowListener, LivePicture } from "./live_picture";
import "./live_screen.css";

interface Props {
  camera: Camera;
  /** `small` does with the camera's second address, where it has one. */
  stream: "small" | "main";
  sound?: boolean;
  boxes?: boolean;
  /** Nobody sees it, although it is in sight: something lies over it. */
  isCovered?: boolean;
  /** It plays out of sight and without a sound, until it takes the place of another one. */
  isWaiting?: boolean;
  /** Told of each picture as it is shown, with the time at which it was taken. */
  onFrame?: (wallMs: number) => void;
  /** Told why there is no video, or an empty text while there is. */
  onReason?: (reason: string) => void;
  /** Told how the video comes through the connection. */
  flow?: FlowListener | undefined;
}

export function LiveScreen(props: Props) {
  const { camera, stream, sound = false } = props;
  return <Screen key={`${camera.id} ${stream} ${sound}`} {...props} />;
}

function Screen({
  camera,
  stream,
  sound = false,
  boxes = false,
  isCovered = false,
  isWaiting = false,
  onFrame,
  onReason,
  flow,
}: Props) {
  const root = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const layer = useRef<BoxLayer | null>(null);
  const told = useRef({ onFrame, onReason });
  told.current = { onFrame, onReason };
  const [live, setLive] = useState<LivePicture | null>(null);
  const isSeen = useSeen(root) && !isCovered;

  useEffect(() => {
    if (video.current === null) return;
    const shown = (wallMs: number) => {
      if (root.current !== null) root.current.dataset.lagMs = String(Math.round(Date.now() - wallMs));
      layer.current?.draw(wallMs);
      told.current.onFrame?.(wallMs);
    };
    const mine = new LivePicture(camera, video.current, { stream, sound, onFrame: shown, flow });
    setLive(mine);
    return () => mine.end();
  }, []);
  useEffect(() => live?.update(camera), [live, camera]);
  useEffect(() => live?.setWaiting(isWaiting), [live, isWaiting]);
  // As an effect of the signal's, so that it has let go by the time that the box is asked to delete the camera.
  useEffect(() => effect(() => live?.setSeen(isSeen && isThere(camera.id))), [live, isSeen, camera.id]);
  useEffect(() => {
    if (!boxes || !isSeen || canvas.current === null) return;
    const heard = (atMs: number) => live?.follow(atMs);
    const mine = new BoxLayer(canvas.current, camera.id, () => sizeIn(root.current), heard);
    layer.current = mine;
    return () => {
      layer.current = null;
      mine.stop();
      live?.unfollow();
    };
  }, [live, boxes, isSeen]);
  useEffect(
    () =>
      effect(() => {
        if (connection.value.word === "live") live?.retry();
      }),
    [live],
  );
  // Whoever takes the place of another one says its own reason.
  useEffect(() => effect(() => told.current.onReason?.(live?.videoReason.value ?? "")), [live, isWaiting]);

  const state = live?.live.value ?? "jpeg";
  const stale = live?.staleReason.value ?? null;
  useEffect(() => {
    if (stale !== null) layer.current?.clear();
  }, [stale]);
  return (
    <div
      class={`screen-of on-picture ${isWaiting ? "is-waiting" : ""}`}
      ref={root}
      data-live={state}
      data-reason={live?.videoReason.value}
      data-stale={stale !== null || undefined}
    >
      <Last cameraId={camera.id} name={camera.name} isHidden={state === "playing"} />
      <video
        ref={video}
        class={state === "playing" ? "" : "is-hidden"}
        aria-hidden="true"
        tabIndex={-1}
        muted={!sound}
      />
      {boxes && (
        // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus, and the events tell what it shows
        <canvas ref={canvas} aria-hidden="true" />
      )}
      {stale !== null && <Stale cameraId={camera.id} reason={stale} />}
    </div>
  );
}

/** The newest single picture; it stays beneath the video, so that nothing flickers when the two change places. */
function Last({ cameraId, name, isHidden }: { cameraId: string; name: string; isHidden: boolean }) {
  const last = useComputed(() => lastPictureOf(cameraId).value?.url).value;
  if (last === undefined) return null;
  return <img src={last} alt={`Newest picture of ${name}`} aria-hidden={isHidden} />;
}

function Stale({ cameraId, reason }: { cameraId: string; reason: string }) {
  const last = lastPictureOf(cameraId).value;
  return (
    <p class="stale">
      {last?.takenMs != null && (
        <span>
          Last picture <Ago iso={new Date(last.takenMs).toISOString()} />.{" "}
        </span>
      )}
      {reason !== "" && <span>{sentence(reason)}</span>}
    </p>
  );
}

/** The size of the picture that is in sight, in its own pixels. */
function sizeIn(root: HTMLElement | null): { width: number; height: number } | null {
  const [video, image] = [root?.querySelector("video"), root?.querySelector("img")];
  if (root?.dataset.live === "playing" && video && video.videoWidth > 0)
    return { width: video.videoWidth, height: video.videoHeight };
  return image && image.naturalWidth > 0 ? { width: image.naturalWidth, height: image.naturalHeight } : null;
}
