// What can be done with an event and its footage.

import type { ReadonlySignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { post, withQuery } from "../../api";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { tell } from "../../parts/toasts";
import type { Event, Footage, ProtectedFootage } from "../../wire";
import { clock, count } from "../../words";
import { review, type Take } from "../events/acts";
import { ExportOf } from "./export_of";
import { around, beginOf } from "./use_event";

interface Props {
  event: Event;
  footage: Footage | null;
  take: Take;
  wallMs: ReadonlySignal<number | null>;
  onFootageChanged: () => void;
  onDelete: () => void;
}

export function Acts({ event, footage, take, wallMs, onFootageChanged, onDelete }: Props) {
  const { route } = useLocation();
  const recorded = footage?.items.filter((one) => one.state === "recorded") ?? [];
  const isProtected = recorded.length > 0 && recorded.every((one) => one.protected);
  const footageAt = () =>
    withQuery("/footage", {
      camera: event.camera_id,
      at: new Date(wallMs.peek() ?? beginOf(event)).toISOString(),
    });
  const protect = async () => {
    await setProtected(event, !isProtected);
    onFootageChanged();
  };
  return (
    <section class="story-acts" aria-label="What can be done">
      <Button icon="check" pressed={event.reviewed} onClick={() => review(event, take)}>
        Reviewed
      </Button>
      <Button
        icon={isProtected ? "lock" : "unlock"}
        pressed={isProtected}
        disabled={recorded.length === 0}
        onClick={protect}
      >
        {isProtected ? "Protected" : "Protect"}
      </Button>
      <a
        class="button"
        href={footageAt()}
        onClick={(click) => {
          // To the moment that is shown by now; in another tab the browser takes the one of the event.
          if (click.ctrlKey || click.metaKey || click.shiftKey || click.button !== 0) return;
          click.preventDefault();
          route(footageAt());
        }}
      >
        <Icon name="footage" />
        <span>Footage</span>
      </a>
      <ExportOf event={event} canExport={recorded.length > 0} />
      <Button icon="bin" kind="danger" onClick={onDelete}>
        Delete
      </Button>
    </section>
  );
}

async function setProtected(event: Event, isWanted: boolean): Promise<void> {
  const { data } = await post<ProtectedFootage>(`/cameras/${event.camera_id}/footage/protect`, {
    ...around(event),
    protected: isWanted,
  });
  const { segments, from, to } = data;
  if (segments === 0 || from === null || to === null) {
    tell({ text: "Nothing of it was recorded, so there is nothing to protect." });
    return;
  }
  const when = `${clock(Date.parse(from))} to ${clock(Date.parse(to))}`;
  tell({
    text: isWanted
      ? `Protected from being deleted: ${count(segments, "file")}, from ${when}.`
      : `Not protected any more: the footage from ${when} goes when its time has come.`,
    tone: "good",
  });
}
