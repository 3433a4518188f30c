// A target's form. What is secret goes in and is never shown again: left empty, it stays as it is.

import { useState } from "preact/hooks";
import { patch, post, Refusal, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import { Segmented } from "../../parts/segmented";
import type { Target } from "../../wire";
import { NtfyFields, WebhookFields } from "./target_kinds";
import { addition, change, formOf, KINDS, nameOf, type TargetForm } from "./target_words";

interface Props {
  /** Null for a new one. */
  target: Target | null;
  onSaved: (target: Target) => void;
  onCancel: () => void;
}

const FIELDS = ["name", "address", "secret", "topic", "token", "user", "password"];

export function TargetFields({ target, onSaved, onCancel }: Props) {
  const [form, setForm] = useState(() => formOf(target));
  const [problem, setProblem] = useState<{ text: string; field: string | null } | null>(null);
  const [isSaving, setSaving] = useState(false);
  const put = (part: Partial<TargetForm>) => {
    setForm((old) => ({ ...old, ...part }));
    setProblem(null);
  };
  const choose = (kind: TargetForm["kind"]) =>
    put({ kind, address: kind === "ntfy" ? "https://ntfy.sh" : "" });
  const save = async (event: Event) => {
    event.preventDefault();
    if (isSaving) return;
    setSaving(true);
    try {
      const { data } = await (target === null
        ? post<Target>("/targets", addition(form))
        : patch<Target>(`/targets/${target.id}`, change(form)));
      onSaved(data);
    } catch (refused) {
      setProblem({ text: wordsOf(refused), field: refused instanceof Refusal ? refused.field : null });
    } finally {
      setSaving(false);
    }
  };
  const errorOf = (field: string) => (problem?.field === field ? problem.text : null);
  const shared = { form, put, errorOf, target };
  return (
    <form class="form rule-form" onSubmit={save} noValidate>
      {target === null && <Segmented label="Kind" value={form.kind} options={KINDS} onChange={choose} />}
      <p class="rule-words">
        {form.kind === "ntfy"
          ? "A push message to every phone and desktop that follows a topic of an ntfy server: ntfy.sh, or one of your own."
          : "JSON with the alert, its event and its picture, posted to an address of yours and signed with a secret."}
      </p>
      {form.kind === "ntfy" ? <NtfyFields {...shared} /> : <WebhookFields {...shared} />}
      <label class="check">
        <input
          type="checkbox"
          checked={form.picture}
          onChange={(event) => put({ picture: event.currentTarget.checked })}
        />
        <span>With the picture</span>
      </label>
      <Field label="Name" error={errorOf("name")}>
        <input
          value={form.name}
          maxLength={100}
          autocomplete="off"
          placeholder={nameOf({ ...form, name: "" })}
          onInput={(event) => put({ name: event.currentTarget.value })}
        />
      </Field>
      {problem !== null && !FIELDS.includes(problem.field ?? "") && (
        <p class="error" role="alert">
          {problem.text}
        </p>
      )}
      <div class="actions">
        <Button kind="primary" type="submit" busy={isSaving}>
          {target === null ? "Add the target" : "Save the target"}
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  );
}
