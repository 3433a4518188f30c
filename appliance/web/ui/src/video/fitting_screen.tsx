// A camera's large live picture: the whole one where it fits through the connection, else the small one. What is to
// come next plays out of sight first, so that the picture is never black.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { Camera } from "../wire";
import { Patience } from "./course";
import type { FlowListener } from "./live_picture";
import { LiveScreen } from "./live_screen";
import { keepLooking } from "./looks";
import { Quality, type Stream, type Wish } from "./quality";

// The connection is the same for all cameras.
const patience = new Patience();

/** What is shown, and why where that is not the whole picture. */
export interface Fit {
  stream: Stream;
  isSlow: boolean;
}

interface Props {
  camera: Camera;
  wish: Wish;
  sound: boolean;
  boxes: boolean;
  onFrame: (wallMs: number) => void;
  onReason: (reason: string) => void;
  onFit: (fit: Fit) => void;
}

export function FittingScreen(props: Props) {
  const { camera, wish, sound, boxes, onFrame, onReason, onFit } = props;
  const hasSmall = camera.has_live_url;
  const { shown, coming, isSlow, flows } = useQuality(camera, hasSmall ? wish : "full");
  useEffect(() => onFit({ stream: shown, isSlow }), [shown, isSlow]);
  const streams = coming === null ? [shown] : [shown, coming];
  return (
    <>
      {streams.map((stream) => (
        <LiveScreen
          key={stream}
          camera={camera}
          stream={stream}
          sound={sound && stream === "main"}
          boxes={boxes && stream === shown}
          isWaiting={stream !== shown}
          flow={flows[stream]}
          onFrame={(wallMs) => stream === shown && onFrame(wallMs)}
          onReason={(reason) => stream === shown && onReason(reason)}
        />
      ))}
    </>
  );
}

function useQuality(camera: Camera, wish: Wish) {
  const quality = useMemo(() => new Quality(wish, performance.now(), patience), []);
  const [, setShown] = useState("");
  // Drawn anew only where something has changed.
  const sync = () => setShown(`${quality.shown} ${quality.coming} ${quality.isSlow}`);
  const isSending = camera.status === "online";
  useEffect(() => {
    quality.choose(wish, performance.now());
    sync();
  }, [wish]);
  useEffect(() => keepLooking(quality, isSending, sync), [isSending]);
  const flows = useMemo(() => ({ main: flowOf(quality, "main"), small: flowOf(quality, "small") }), []);
  return { shown: quality.shown, coming: quality.coming, isSlow: quality.isSlow, flows };
}

function flowOf(quality: Quality, stream: Stream): FlowListener {
  return {
    plays: (doesPlay) => quality.plays(stream, doesPlay, performance.now()),
    arrived: (wallMs) => quality.arrived(stream, Date.now() - wallMs, performance.now()),
    behind: () => quality.behind(stream, performance.now()),
  };
}
