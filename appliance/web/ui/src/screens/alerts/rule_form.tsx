// A rule's form, which says in words what it will do while it is filled in.

import { useState } from "preact/hooks";
import { patch, post, Refusal, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Chips } from "../../parts/chips";
import { Field } from "../../parts/field";
import { Group } from "../../parts/group";
import { Segmented } from "../../parts/segmented";
import { WhatIfAsked } from "../../parts/what_if";
import { cameraList, nameOf } from "../../state/session";
import type { Rule } from "../../wire";
import { SEVERITIES, type Severity } from "../../words";
import { names } from "./names";
import { PlaceFields } from "./place_fields";
import { RuleTargets } from "./rule_targets";
import {
  COOLDOWNS,
  cooldownInWords,
  FRESH,
  inWords,
  nameFor,
  OFFERED_LABELS,
  type RuleForm,
} from "./rule_words";
import { TimeFields } from "./time_fields";

interface Props {
  /** Null for a new one. */
  rule: Rule | null;
  onSaved: (rule: Rule) => void;
  onCancel: () => void;
}

// These show by themselves what is wrong with them.
const SHOWN = ["labels", "cameras", "zones", "lines", "armed", "hours", "cooldown_s", "name"];
const LEVELS = Object.entries(SEVERITIES).map(([value, text]) => [value as Severity, text] as const);
const ONCE = [
  ["batch", "Tell once"],
  ["visit", "Tell of each visit"],
] as const;

function formOf({ id: _, ...rule }: Rule): RuleForm {
  return rule;
}

/** What the box is asked for: a name is made where none was written. */
function bodyOf({ name, ...form }: RuleForm): RuleForm {
  return { ...form, name: name.trim() || nameFor(form, names) };
}

export function RuleFields({ rule, onSaved, onCancel }: Props) {
  const [form, setForm] = useState<RuleForm>(() => (rule === null ? FRESH : formOf(rule)));
  const [problem, setProblem] = useState<{ text: string; field: string | null } | null>(null);
  const [isSaving, setSaving] = useState(false);
  const put = (change: Partial<RuleForm>) => {
    setForm((old) => ({ ...old, ...change }));
    setProblem(null);
  };
  const save = async (event: Event) => {
    event.preventDefault();
    if (isSaving) return;
    setSaving(true);
    const body = bodyOf(form);
    try {
      const { data } = await (rule === null
        ? post<Rule>("/rules", body)
        : patch<Rule>(`/rules/${rule.id}`, body));
      onSaved(data);
    } catch (refused) {
      setProblem({ text: wordsOf(refused), field: refused instanceof Refusal ? refused.field : null });
    } finally {
      setSaving(false);
    }
  };
  const errorOf = (field: string) => (problem?.field === field ? problem.text : null);
  const cooldowns = COOLDOWNS.some(([value]) => value === form.cooldown_s)
    ? COOLDOWNS
    : [...COOLDOWNS, [form.cooldown_s, cooldownInWords(form.cooldown_s)] as const];
  return (
    <form class="form rule-form" onSubmit={save} noValidate>
      <p class="rule-words" aria-live="polite">
        {inWords(form, names)}
      </p>
      <Group
        label="When this is seen"
        all="Anything"
        isAll={form.labels === null}
        onAll={(isAll) => put({ labels: isAll ? null : ["person"] })}
        error={errorOf("labels")}
      >
        <Chips
          options={[...new Set([...OFFERED_LABELS, ...(form.labels ?? [])])].map((one) => [one, one])}
          chosen={form.labels ?? []}
          onChange={(labels) => put({ labels })}
        />
      </Group>
      <Group
        label="At these cameras"
        all="All cameras, later ones as well"
        isAll={form.cameras === null}
        onAll={(isAll) => put({ cameras: isAll ? null : cameraList.value.map(({ id }) => id) })}
        error={errorOf("cameras")}
      >
        <Chips
          options={[...new Set([...cameraList.value.map(({ id }) => id), ...(form.cameras ?? [])])].map(
            (id) => [id, nameOf(id)],
          )}
          chosen={form.cameras ?? []}
          onChange={(cameras) => put({ cameras })}
        />
      </Group>
      <PlaceFields form={form} put={put} errorOf={errorOf} />
      <TimeFields form={form} put={put} errorOf={errorOf} />
      <div class="field">
        <span class="group-label">From this severity on</span>
        <Segmented
          label="From this severity on"
          value={form.min_severity}
          options={LEVELS}
          onChange={(min_severity) => put({ min_severity })}
        />
      </div>
      <div class="pair">
        <Field label="How often" error={errorOf("cooldown_s")}>
          <select
            value={String(form.cooldown_s)}
            onChange={(event) => put({ cooldown_s: Number(event.currentTarget.value) })}
          >
            {cooldowns.map(([value, text]) => (
              <option key={value} value={String(value)}>
                {text.charAt(0).toUpperCase() + text.slice(1)}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Several in one go">
          <select
            value={form.deduplication}
            onChange={(event) =>
              put({ deduplication: event.currentTarget.value === "visit" ? "visit" : "batch" })
            }
          >
            {ONCE.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </Field>
      </div>
      <RuleTargets targets={form.targets} onChange={(targets) => put({ targets })} />
      <Field label="Name" error={errorOf("name")}>
        <input
          value={form.name}
          maxLength={100}
          autocomplete="off"
          placeholder={nameFor(form, names)}
          onInput={(event) => put({ name: event.currentTarget.value })}
        />
      </Field>
      {problem !== null && !SHOWN.includes(problem.field ?? "") && (
        <p class="error" role="alert">
          {problem.text}
        </p>
      )}
      {rule !== null && (
        <label class="check">
          <input
            type="checkbox"
            checked={form.enabled}
            onChange={(event) => put({ enabled: event.currentTarget.checked })}
          />
          <span>Switched on</span>
        </label>
      )}
      <WhatIfAsked settings={{ rule: { id: rule?.id ?? null, ...bodyOf(form) } }} />
      <div class="actions">
        <Button kind="primary" type="submit" busy={isSaving}>
          {rule === null ? "Add the rule" : "Save the rule"}
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  );
}
