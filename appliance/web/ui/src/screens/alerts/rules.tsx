// The rules: what each does, in words; switched on and off, changed, deleted.

import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { patch, remove, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { later } from "../../parts/later";
import { Nothing } from "../../parts/nothing";
import { tell } from "../../parts/toasts";
import { may } from "../../state/access";
import { arm, loadArm } from "../../state/arm";
import type { Rule } from "../../wire";
import { SettingHistory } from "../cameras/setting_history";
import { ArmPanel } from "./arm_panel";
import { names } from "./names";
import { RuleFields } from "./rule_form";
import { inWords } from "./rule_words";
import { useRules } from "./use_rules";

/** Rules that are about to be deleted, or have been, from here. */
const hidden = signal<ReadonlySet<string>>(new Set());

function hide(id: string, isAway: boolean): void {
  const ids = new Set(hidden.value);
  if (isAway) ids.add(id);
  else ids.delete(id);
  hidden.value = ids;
}

export function Rules() {
  const { query, route } = useLocation();
  const { rules: known, problem, put, drop, refetch } = useRules();
  const rules = known?.filter(({ id }) => !hidden.value.has(id)) ?? null;
  const [open, setOpen] = useState<Rule | "new" | null>(
    query.new === "1" && may("rules.manage") ? "new" : null,
  );
  const again = () => {
    refetch();
    void loadArm();
  };
  const close = () => {
    setOpen(null);
    if (query.new === "1") route("/alerts?tab=rules", true);
  };
  const del = (rule: Rule) => {
    hide(rule.id, true);
    const act = async () => {
      await remove(`/rules/${rule.id}`);
      drop(rule.id);
    };
    const back = () => hide(rule.id, false);
    later(`The rule “${rule.name}” is deleted.`, { act, back, failure: "Not deleted" });
  };
  return (
    <div class="rules">
      {problem !== "" && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {rules !== null && rules.length > 0 && (
        <p>
          <Button needs="rules.manage" kind="primary" icon="plus" onClick={() => setOpen("new")}>
            Add a rule
          </Button>
        </p>
      )}
      <ul class="rule-list">
        {rules?.map((rule) => (
          <li key={rule.id}>
            <RuleCard rule={rule} onChange={put} onEdit={() => setOpen(rule)} onDelete={() => del(rule)} />
          </li>
        ))}
      </ul>
      {rules?.length === 0 && (
        <Nothing
          icon="alert"
          title="No rule yet"
          text="A rule says what you want to be told of: what is seen, where, from which severity on, and how often at most."
          action={
            <Button needs="rules.manage" kind="primary" icon="plus" onClick={() => setOpen("new")}>
              Make the first rule
            </Button>
          }
        />
      )}
      {may("arm.set") && <ArmPanel />}
      <RuleChanges rules={known ?? []} onUndone={again} />
      <Dialog
        title={open === "new" || open === null ? "A new rule" : `Rule “${open.name}”`}
        isOpen={open !== null}
        onClose={close}
      >
        <RuleFields
          rule={open === "new" ? null : open}
          onSaved={(rule) => {
            put(rule);
            close();
          }}
          onCancel={close}
        />
      </Dialog>
    </div>
  );
}

function RuleChanges({ rules, onUndone }: { rules: readonly Rule[]; onUndone: () => void }) {
  const nameOf = (subject: string) => {
    if (subject === "arm") return "Who is at home";
    if (subject.startsWith("camera:")) return names.camera(subject.slice(7));
    const name = rules.find(({ id }) => `rule:${id}` === subject)?.name;
    return name === undefined ? "A deleted rule" : `Rule “${name}”`;
  };
  return (
    <section class="panel form">
      <h2>What was changed</h2>
      <SettingHistory
        subject={null}
        nameOf={nameOf}
        version={JSON.stringify([rules, arm.value?.hours])}
        onUndone={onUndone}
      />
    </section>
  );
}

interface CardProps {
  rule: Rule;
  onChange: (rule: Rule) => void;
  onEdit: () => void;
  onDelete: () => void;
}

function RuleCard({ rule, onChange, onEdit, onDelete }: CardProps) {
  return (
    <article class="panel rule" data-off={!rule.enabled || undefined}>
      <header class="panel-head">
        <h2>{rule.name}</h2>
        {may("rules.manage") ? (
          <Switch rule={rule} onChange={onChange} />
        ) : (
          <span class="muted">{rule.enabled ? "On" : "Off"}</span>
        )}
      </header>
      <p>{inWords(rule, names)}</p>
      <p class="buttons">
        <Button
          needs="rules.manage"
          small
          icon="edit"
          label={`Change the rule ${rule.name}`}
          onClick={onEdit}
        >
          Change
        </Button>
        <Button
          needs="rules.manage"
          small
          kind="quiet"
          icon="bin"
          label={`Delete the rule ${rule.name}`}
          onClick={onDelete}
        >
          Delete
        </Button>
      </p>
    </article>
  );
}

function Switch({ rule, onChange }: Pick<CardProps, "rule" | "onChange">) {
  const turn = async (box: HTMLInputElement) => {
    try {
      onChange((await patch<Rule>(`/rules/${rule.id}`, { enabled: box.checked })).data);
    } catch (problem) {
      box.checked = rule.enabled;
      tell({ text: wordsOf(problem), tone: "bad" });
    }
  };
  return (
    <label class="check">
      <input type="checkbox" checked={rule.enabled} onChange={(event) => void turn(event.currentTarget)} />
      <span>
        {rule.enabled ? "On" : "Off"}
        <span class="unseen">: {rule.name}</span>
      </span>
    </label>
  );
}
