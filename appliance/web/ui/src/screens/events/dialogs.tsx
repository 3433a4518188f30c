// What is asked in front of the feed: a note, and whether all events are to be marked.

import { post } from "../../api";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { tell } from "../../parts/toasts";
import { nameOf } from "../../state/session";
import type { Event } from "../../wire";
import { count } from "../../words";
import { names } from "../alerts/names";
import { type Take, whatOf } from "./acts";
import { type EventFilter, wordsOfFilter } from "./filter";
import { NoteForm } from "./note_form";

export function NoteDialog({
  event,
  take,
  onClose,
}: {
  event: Event | null;
  take: Take;
  onClose: () => void;
}) {
  return (
    <Dialog title="Note" isOpen={event !== null} onClose={onClose}>
      {event !== null && (
        <NoteForm key={event.id} event={event} label={whatOf(event)} take={take} onClose={onClose} />
      )}
    </Dialog>
  );
}

/** What is to be marked: all that the filter wants, up to the newest that was shown when it was asked for. */
export interface ToReview {
  filter: EventFilter;
  newest: Event;
  /** How many that are shown are not reviewed yet, and whether there may be more of them. */
  known: number;
  isComplete: boolean;
}

export function ReviewAllDialog({ of, onClose }: { of: ToReview | null; onClose: () => void }) {
  return (
    <Dialog title="Mark all as reviewed?" isOpen={of !== null} onClose={onClose}>
      {of !== null && <ReviewAll of={of} onClose={onClose} />}
    </Dialog>
  );
}

function ReviewAll({ of, onClose }: { of: ToReview; onClose: () => void }) {
  const { filter, newest, known, isComplete } = of;
  const words = wordsOfFilter({ ...filter, reviewed: null }, nameOf, names.zone);
  const isNone = isComplete && known === 0;
  const mark = async () => {
    const until = new Date(Date.parse(newest.started_at) + 1).toISOString();
    const { data } = await post<{ count: number }>("/events/review", { ...filter, reviewed: true, until });
    tell({ text: `${count(data.count, "event")} marked as reviewed.`, tone: "good" });
    onClose();
  };
  return (
    <div class="form">
      <p>{howManyWords(known, isComplete)}</p>
      {words.length > 0 && <p class="muted">Only what matches the filter: {words.join(" · ")}.</p>}
      <div class="actions">
        {!isNone && (
          <Button kind="primary" autoFocus onClick={mark}>
            Mark as reviewed
          </Button>
        )}
        <Button autoFocus={isNone} onClick={onClose}>
          {isNone ? "Close" : "Cancel"}
        </Button>
      </div>
    </div>
  );
}

function howManyWords(known: number, isComplete: boolean): string {
  if (isComplete)
    return known === 0 ? "All of them are reviewed already." : `${count(known, "event")} will be marked.`;
  const older = "all older ones that have not been looked at";
  return known === 0
    ? `Of these all are reviewed; ${older} will be marked.`
    : `${count(known, "event")} that you see here, and ${older}, will be marked.`;
}
