// The lines of a story: each one goes to its moment in the footage, the current one is marked.

import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "../../parts/icon";
import type { Story, StoryMoment } from "../../wire";
import { clockWithSeconds, tight } from "../../words";
import { indexAt } from "./track";

interface Props {
  story: Story | null;
  wallMs: ReadonlySignal<number | null>;
  hasClip: ReadonlySignal<boolean>;
  onSeek: (wallMs: number) => void;
}

const ICONS: Record<StoryMoment["kind"], IconName> = {
  appeared: "plus",
  moved: "forward",
  stood_still: "pause",
  entered: "boxes",
  left_zone: "boxes",
  crossed: "forward",
  left: "close",
  still_there: "live",
  cut_off: "warn",
  away: "offline",
  back: "check",
  tampered: "covered",
  cleared: "check",
};
const iconOf = ({ kind, text }: StoryMoment) =>
  kind === "moved" && text.includes("left") ? "back" : ICONS[kind];

// Who appears is seen to appear, and who leaves to leave.
const BEFORE_MS: Partial<Record<StoryMoment["kind"], number>> = { appeared: 1000, left: 2000, cut_off: 2000 };

export function Lines({ story, wallMs, hasClip, onSeek }: Props) {
  const moments = story?.moments ?? [];
  const current = useComputed(() => currentOf(story?.moments ?? [], wallMs.value));
  const now = current.value;
  return (
    <section class="panel story-lines" aria-label="What happened">
      <h2>What happened</h2>
      {story === null && <p class="muted">Looking at its boxes …</p>}
      <ol>
        {moments.map((one, index) => (
          <Line
            key={`${one.kind}${one.at}${one.text}`}
            moment={one}
            isCurrent={index === now}
            canSeek={hasClip.value}
            onSeek={() => onSeek(Date.parse(one.at) - (BEFORE_MS[one.kind] ?? 0))}
          />
        ))}
      </ol>
    </section>
  );
}

/** The last moment that has begun; a seek to a moment shows a picture a little before it. */
export function currentOf(moments: readonly StoryMoment[], wallMs: number | null): number {
  if (wallMs === null) return -1;
  const times = moments.map((one) => ({ atMs: Date.parse(one.at) - (BEFORE_MS[one.kind] ?? 0) }));
  return indexAt(times, wallMs + 150);
}

function Line({
  moment,
  isCurrent,
  canSeek,
  onSeek,
}: {
  moment: StoryMoment;
  isCurrent: boolean;
  canSeek: boolean;
  onSeek: () => void;
}) {
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isCurrent) element.current?.scrollIntoView({ block: "nearest" });
  }, [isCurrent]);
  return (
    <li ref={element}>
      <button
        type="button"
        class="story-line"
        disabled={!canSeek}
        aria-current={isCurrent ? "true" : undefined}
        onClick={onSeek}
      >
        <span class="story-sign" data-kind={moment.kind}>
          <Icon name={iconOf(moment)} />
        </span>
        <span class="story-text">{tight(moment.text)}</span>
        <span class="story-time">{clockWithSeconds(Date.parse(moment.at))}</span>
      </button>
    </li>
  );
}
