// What can be done with an event and its footage.

import type { ReadonlySignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { withQuery } from "../../api";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { may } from "../../state/access";
import type { Event, Footage } from "../../wire";
import { review, type Take } from "../events/acts";
import { beginOf, guardOf, setProtection } from "../events/protection";
import { ExportOf } from "./export_of";

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
  const hasFootage = footage?.items.some((one) => one.state === "recorded") ?? false;
  const guard = guardOf(footage);
  const isProtected = guard === "all";
  const footageAt = () =>
    withQuery("/footage", {
      camera: event.camera_id,
      at: new Date(wallMs.peek() ?? beginOf(event)).toISOString(),
    });
  const protect = () => setProtection(event, !isProtected, guard === "none", onFootageChanged);
  return (
    <section class="story-acts" aria-label="What can be done">
      <Button needs="events.review" icon="check" pressed={event.reviewed} onClick={() => review(event, take)}>
        Reviewed
      </Button>
      <Button
        needs="footage.manage"
        icon={isProtected ? "lock" : "unlock"}
        pressed={isProtected}
        disabled={!hasFootage}
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
      {may("footage.export") && <ExportOf event={event} canExport={hasFootage} />}
      <Button needs="events.delete" icon="bin" kind="danger" onClick={onDelete}>
        Delete
      </Button>
    </section>
  );
}
