// Playing a story: on and off, picture by picture, faster, and a bar with its moments.

import type { ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../../parts/button";
import type { FootagePlayer } from "../../video/footage_player";
import type { StoryMoment } from "../../wire";
import { clockWithSeconds } from "../../words";
import type { StageHandle } from "./stage";

interface Props {
  player: RefObject<FootagePlayer | null>;
  stage: StageHandle;
  frame: RefObject<HTMLElement | null>;
  isPlaying: boolean;
  hasBoxes: boolean;
  wallMs: ReadonlySignal<number | null>;
  moments: readonly StoryMoment[];
}

const RATES = [1, 2, 4, 0.5];

export function Controls({ player, stage, frame, isPlaying, hasBoxes, wallMs, moments }: Props) {
  const [rate, setRate] = useState(1);
  const [isMuted, setMuted] = useState(true);
  const faster = () => {
    const next = RATES[(RATES.indexOf(rate) + 1) % RATES.length] ?? 1;
    if (player.current !== null) player.current.rate = next;
    setRate(next);
  };
  const hear = () => {
    if (player.current !== null) player.current.muted = !isMuted;
    setMuted(!isMuted);
  };
  const full = () =>
    document.fullscreenElement ? document.exitFullscreen() : frame.current?.requestFullscreen();
  return (
    <div class="stage-controls">
      <Bar player={player} wallMs={wallMs} moments={moments} />
      <div class="buttons">
        <Button
          kind="quiet"
          icon={isPlaying ? "pause" : "play"}
          label={isPlaying ? "Pause" : "Play"}
          onClick={stage.toggle}
        />
        <Button kind="quiet" icon="back" label="One picture back" onClick={() => stage.step(-1)} />
        <Button kind="quiet" icon="forward" label="One picture on" onClick={() => stage.step(1)} />
        <Button kind="quiet" label={`Speed: ${rate} times`} onClick={faster}>
          {rate}×
        </Button>
        <span class="stage-space" />
        <Button
          kind="quiet"
          icon="boxes"
          label="Box and path"
          pressed={hasBoxes}
          onClick={stage.toggleBoxes}
        />
        <Button
          kind="quiet"
          icon={isMuted ? "mute" : "sound"}
          label="Sound"
          pressed={!isMuted}
          onClick={hear}
        />
        <Button kind="quiet" icon="full" label="Full screen" onClick={full} />
      </div>
    </div>
  );
}

/** Where in the clip it is; the marks are the story's moments. */
function Bar({ player, wallMs, moments }: Pick<Props, "player" | "wallMs" | "moments">) {
  const at = wallMs.value;
  const span = player.current?.span ?? null;
  if (span === null || at === null) return <div class="stage-bar" />;
  const { fromMs, toMs } = span;
  const shareOf = (ms: number) => Math.min(1, Math.max(0, (ms - fromMs) / Math.max(1, toMs - fromMs)));
  return (
    <div class="stage-bar">
      <input
        type="range"
        aria-label="Where in the clip"
        aria-valuetext={clockWithSeconds(at)}
        min={fromMs}
        max={toMs}
        step={100}
        value={at}
        onInput={(input) => player.current?.seek(Number(input.currentTarget.value))}
      />
      {moments.map((one) => (
        <span
          key={`${one.kind}${one.at}`}
          class="stage-mark"
          aria-hidden="true"
          style={{ left: `${shareOf(Date.parse(one.at)) * 100}%` }}
        />
      ))}
    </div>
  );
}
