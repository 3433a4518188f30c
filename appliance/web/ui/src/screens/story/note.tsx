import { Button } from "../../parts/button";
import { may } from "../../state/access";
import type { Event } from "../../wire";
import type { Take } from "../events/acts";
import { NoteForm } from "../events/note_form";

interface Props {
  event: Event;
  take: Take;
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
}

/** What somebody wants to remember of it, written where it is read. */
export function Note({ event, take, isOpen, setOpen }: Props) {
  if (event.note === "" && !may("events.review")) return null;
  return (
    <section class="panel story-note" aria-label="Note">
      <div class="panel-head">
        <h2>Note</h2>
        {!isOpen && (
          <Button needs="events.review" kind="quiet" small icon="edit" onClick={() => setOpen(true)}>
            {event.note === "" ? "Write a note" : "Change"}
          </Button>
        )}
      </div>
      {isOpen ? (
        <NoteForm
          event={event}
          label={<span class="unseen">Note</span>}
          take={take}
          onClose={() => setOpen(false)}
        />
      ) : (
        event.note !== "" && <p class="story-noted">{event.note}</p>
      )}
    </section>
  );
}
