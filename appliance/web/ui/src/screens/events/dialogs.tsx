// What is asked in front of the feed: a note, and whether all events are to be marked.

import { useState } from "preact/hooks";
import { post, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Field } from "../../parts/field";
import { tell } from "../../parts/toasts";
import { nameOf } from "../../state/session";
import type { Event } from "../../wire";
import { count } from "../../words";
import { setNote, type Take, whatOf } from "./acts";
import { type EventFilter, wordsOfFilter } from "./filter";

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
      {event !== null && <NoteForm key={event.id} event={event} take={take} onClose={onClose} />}
    </Dialog>
  );
}

function NoteForm({ event, take, onClose }: { event: Event; take: Take; onClose: () => void }) {
  const [text, setText] = useState(event.note);
  const [problem, setProblem] = useState<string | null>(null);
  const save = async () => {
    try {
      await setNote(event.id, text.trim(), take);
      onClose();
    } catch (error) {
      setProblem(wordsOf(error));
    }
  };
  return (
    <form
      class="form"
      onSubmit={(submitted) => {
        submitted.preventDefault();
        void save();
      }}
    >
      <Field label={whatOf(event)} error={problem}>
        <textarea
          value={text}
          maxLength={2000}
          // biome-ignore lint/a11y/noAutofocus: the dialog was opened to write in it
          autoFocus
          onInput={(typed) => setText(typed.currentTarget.value)}
          onKeyDown={(key) => key.key === "Enter" && (key.ctrlKey || key.metaKey) && void save()}
        />
      </Field>
      <div class="actions">
        <Button type="submit" kind="primary">
          Save
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </form>
  );
}

interface ReviewAllProps {
  isOpen: boolean;
  filter: EventFilter;
  /** The newest event that is shown: what comes later is not marked unseen. */
  newest: Event | null;
  /** How many that are shown are not reviewed yet, and whether there may be more of them. */
  known: number;
  isComplete: boolean;
  onClose: () => void;
}

export function ReviewAllDialog(props: ReviewAllProps) {
  const { isOpen, filter, newest, known, isComplete, onClose } = props;
  const words = wordsOfFilter({ ...filter, reviewed: null }, nameOf);
  const mark = async () => {
    if (newest === null) return;
    const until = new Date(Date.parse(newest.started_at) + 1).toISOString();
    const body = { ...filter, reviewed: true, until };
    const { data } = await post<{ count: number }>("/events/review", body);
    tell({ text: `${count(data.count, "event")} marked as reviewed.`, tone: "good" });
    onClose();
  };
  return (
    <Dialog title="Mark all as reviewed?" isOpen={isOpen} onClose={onClose}>
      <div class="form">
        <p>{howManyWords(known, isComplete)}</p>
        {words.length > 0 && <p class="muted">Only what matches the filter: {words.join(" · ")}.</p>}
        <div class="actions">
          <Button kind="primary" onClick={mark} disabled={newest === null || (isComplete && known === 0)}>
            Mark as reviewed
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </div>
    </Dialog>
  );
}

function howManyWords(known: number, isComplete: boolean): string {
  if (!isComplete)
    return `At least ${count(known, "event")}, and all older ones that have not been looked at, will be marked.`;
  return known === 0 ? "All of them are reviewed already." : `${count(known, "event")} will be marked.`;
}
