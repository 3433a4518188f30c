// One target: where it is, how it stands with it, and a test of it.

import { useState } from "preact/hooks";
import { patch, post, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Ago, Pill } from "../../parts/signs";
import { tell } from "../../parts/toasts";
import type { Target, TargetTrialResult } from "../../wire";
import { standing } from "./target_words";

interface Props {
  target: Target;
  onChange: (target: Target) => void;
  onEdit: () => void;
  onDelete: () => void;
}

const NAMES = { webhook: "Webhook", ntfy: "ntfy topic" };

export function TargetCard({ target, onChange, onEdit, onDelete }: Props) {
  const { id, name, kind, address, enabled, last } = target;
  const [answer, setAnswer] = useState<TargetTrialResult | null>(null);
  const turn = async (box: HTMLInputElement) => {
    try {
      onChange((await patch<Target>(`/targets/${id}`, { enabled: box.checked })).data);
    } catch (problem) {
      box.checked = enabled;
      tell({ text: wordsOf(problem), tone: "bad" });
    }
  };
  const test = async () => {
    setAnswer(null);
    setAnswer((await post<TargetTrialResult>(`/targets/${id}/test`)).data);
  };
  const stands = standing(target);
  return (
    <article class="panel rule" data-off={!enabled || undefined}>
      <header class="panel-head">
        <h2>{name}</h2>
        <label class="check">
          <input type="checkbox" checked={enabled} onChange={(event) => void turn(event.currentTarget)} />
          <span>
            {enabled ? "On" : "Off"}
            <span class="unseen">: {name}</span>
          </span>
        </label>
      </header>
      <p class="target-place">
        {NAMES[kind]} <span class="muted">{address}</span>
      </p>
      <p class="target-state">
        <Pill tone={stands.tone} text={stands.text} />
        {enabled && last !== null && (
          <span class="muted small">
            <Ago iso={last.at} />
            {last.reason !== "" && `: ${last.reason}`}
          </span>
        )}
      </p>
      <p class="target-answer" role="status">
        {answer !== null && <Pill tone={answer.ok ? "good" : "bad"} text={answer.message} />}
      </p>
      <p class="buttons">
        <Button small icon="play" label={`Send a test to ${name}`} onClick={test}>
          Test
        </Button>
        <Button small icon="edit" label={`Change the target ${name}`} onClick={onEdit}>
          Change
        </Button>
        <Button small kind="quiet" icon="bin" label={`Delete the target ${name}`} onClick={onDelete}>
          Delete
        </Button>
      </p>
    </article>
  );
}
