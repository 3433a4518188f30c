// The picture of a story: its clip, or where there is none its best picture with the reason; box and path on it.

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useImperativeHandle, useRef, useState } from "preact/hooks";
import { Icon } from "../../parts/icon";
import { intervalWords } from "../../video/causes";
import { FootagePlayer, type PlayerState } from "../../video/footage_player";
import type { Event, Footage, Story } from "../../wire";
import { moment } from "../../words";
import { Controls } from "./controls";
import { Overlay } from "./overlay";
import { useSpots } from "./use_spots";

interface Props {
  handle: RefObject<StageHandle | null>;
  event: Event;
  story: Story | null;
  footage: Footage | null;
  wallMs: Signal<number | null>;
  /** Whether there is a clip to go to a moment in. */
  hasClip: Signal<boolean>;
}

/** What the keys and the lines do with it. */
export interface StageHandle {
  toggle(): void;
  step(frames: number): void;
  seek(wallMs: number): void;
  toggleBoxes(): void;
}

interface Course {
  state: PlayerState;
  text: string;
}

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function Stage({ handle, event, story, footage, wallMs, hasClip: hasAny }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<FootagePlayer | null>(null);
  const [{ state, text }, setCourse] = useState<Course>({ state: "waiting", text: "" });
  const [hasBoxes, setBoxes] = useState(true);
  const size = useSignal<{ width: number; height: number } | null>(null);
  const { spots, need } = useSpots(event);
  const needed = useRef(need);
  needed.current = need;
  useEffect(() => {
    if (video.current === null) return;
    const made = new FootagePlayer(video.current, {
      time: (ms) => {
        wallMs.value = ms;
        needed.current(ms);
      },
      state: (next, words) => setCourse({ state: next, text: words }),
    });
    player.current = made;
    made.open({ eventId: event.id }, { paused: isCalm() });
    return () => made.close();
  }, [event.id]);
  const toggle = () => {
    if (video.current?.paused === false) player.current?.pause();
    else player.current?.play();
  };
  const stage: StageHandle = {
    toggle,
    step: (frames) => player.current?.step(frames),
    seek: (ms) => {
      player.current?.seek(ms);
      player.current?.play();
    },
    toggleBoxes: () => setBoxes((on) => !on),
  };
  useImperativeHandle(handle, () => stage);
  const hasClip = state !== "empty" && state !== "failed";
  useEffect(() => {
    hasAny.value = hasClip;
  }, [hasClip]);
  return (
    <div class="stage" ref={frame}>
      <div class="stage-picture" data-state={state}>
        <video
          ref={video}
          class={hasClip ? undefined : "unseen"}
          muted
          playsInline
          poster={event.picture ?? undefined}
          aria-label="The clip of the event"
          data-state={state}
          onLoadedMetadata={({ currentTarget: { videoWidth: width, videoHeight: height } }) => {
            size.value = { width, height };
          }}
          onClick={toggle}
        />
        {!hasClip && <Picture event={event} size={size} />}
        {hasBoxes && (
          <Overlay event={event} story={story} spots={spots} wallMs={hasClip ? wallMs : null} size={size} />
        )}
        {hasClip && <Wall wallMs={wallMs} />}
        {state === "waiting" && (
          <p class="stage-words" role="status">
            {text === "" ? "Loading …" : text}
          </p>
        )}
      </div>
      {hasClip ? (
        <Controls
          player={player}
          stage={stage}
          frame={frame}
          isPlaying={state === "playing"}
          hasBoxes={hasBoxes}
          wallMs={wallMs}
          moments={story?.moments ?? []}
        />
      ) : (
        <p class="stage-why" role="status">
          <Icon name="info" />
          <span>{whyNot(state, text, footage)}</span>
        </p>
      )}
    </div>
  );
}

/** When the picture that is shown was taken. */
function Wall({ wallMs }: { wallMs: Signal<number | null> }) {
  const at = wallMs.value;
  return at === null ? null : <p class="stage-wall">{moment(at)}</p>;
}

/** Why there is no clip: the cause of what is missing, where it is known. */
function whyNot(state: PlayerState, text: string, footage: Footage | null): string {
  const gap = footage?.items.find((one) => one.state === "gap");
  if (state === "failed") return `The clip cannot be played. ${text}`;
  return gap === undefined
    ? "There is no footage of this event."
    : `There is no footage. ${intervalWords(gap)}.`;
}

function Picture({ event, size }: { event: Event; size: Signal<{ width: number; height: number } | null> }) {
  const [isGone, setGone] = useState(false);
  if (event.picture === null || isGone) {
    return (
      <p class="stage-nothing muted">{isGone ? "Its picture is gone, too." : "There is no picture of it."}</p>
    );
  }
  return (
    <img
      src={event.picture}
      alt={`The ${event.label} at its best moment`}
      onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => {
        size.value = { width, height };
      }}
      onError={() => setGone(true)}
    />
  );
}
