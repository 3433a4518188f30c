import { useEffect, useRef, useState } from "preact/hooks";
import { wordsOf } from "../../api";
import { Button } from "../../parts/button";
import type { Event } from "../../wire";
import { setNote, type Take } from "../events/acts";

const LONGEST = 2000;

interface Props {
  event: Event;
  take: Take;
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
}

/** What somebody wants to remember of it, written where it is read. */
export function Note({ event, take, isOpen, setOpen }: Props) {
  return (
    <section class="panel story-note" aria-label="Note">
      <div class="panel-head">
        <h2>Note</h2>
        {!isOpen && (
          <Button kind="quiet" small icon="edit" onClick={() => setOpen(true)}>
            {event.note === "" ? "Write a note" : "Change"}
          </Button>
        )}
      </div>
      {isOpen ? (
        <Editor event={event} take={take} onClose={() => setOpen(false)} />
      ) : (
        event.note !== "" && <p class="story-noted">{event.note}</p>
      )}
    </section>
  );
}

function Editor({ event, take, onClose }: { event: Event; take: Take; onClose: () => void }) {
  const [text, setText] = useState(event.note);
  const [error, setError] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const save = async () => {
    try {
      await setNote(event.id, text.trim(), take);
      onClose();
    } catch (problem) {
      setError(wordsOf(problem));
    }
  };
  const onKey = (key: KeyboardEvent) => {
    if (key.key === "Escape") onClose();
    else if (key.key === "Enter" && (key.ctrlKey || key.metaKey)) void save();
    else return;
    key.preventDefault();
    key.stopPropagation();
  };
  return (
    <form
      class="form"
      onSubmit={(submit) => {
        submit.preventDefault();
        void save();
      }}
    >
      <textarea
        ref={field}
        aria-label="Note"
        maxLength={LONGEST}
        value={text}
        onInput={(input) => setText(input.currentTarget.value)}
        onKeyDown={onKey}
      />
      {error !== null && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <div class="actions">
        <Button kind="primary" onClick={save}>
          Save
        </Button>
        <Button kind="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
