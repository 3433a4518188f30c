// What somebody wants to remember of an event, being written.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import type { Event } from "../../wire";
import { setNote, type Take } from "./acts";

const LONGEST = 2000;

// What was being written when the form was closed in passing, by event: it is there again when it is opened.
const drafts = new Map<string, string>();

interface Props {
  event: Event;
  label: ComponentChildren;
  take: Take;
  onClose: () => void;
}

export function NoteForm({ event, label, take, onClose }: Props) {
  const [text, setText] = useState(drafts.get(event.id) ?? event.note);
  const [problem, setProblem] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("textarea")?.focus(), []);
  const write = (words: string) => {
    drafts.set(event.id, words);
    setText(words);
  };
  const close = () => {
    drafts.delete(event.id);
    onClose();
  };
  const save = async () => {
    if (isSaving) return;
    setSaving(true);
    try {
      await setNote(event.id, text.trim(), take);
      close();
    } catch (error) {
      setProblem(wordsOf(error));
      setSaving(false);
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
      ref={form}
      class="form"
      onSubmit={(submit) => {
        submit.preventDefault();
        void save();
      }}
    >
      <Field label={label} error={problem}>
        <textarea
          value={text}
          maxLength={LONGEST}
          onInput={(typed) => write(typed.currentTarget.value)}
          onKeyDown={onKey}
        />
      </Field>
      <div class="actions">
        <Button type="submit" kind="primary" busy={isSaving}>
          Save
        </Button>
        <Button onClick={close}>Cancel</Button>
      </div>
    </form>
  );
}
