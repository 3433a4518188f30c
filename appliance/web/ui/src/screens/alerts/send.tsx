// Who is told of alerts besides this page: targets, a test of each, and what became of what was sent.

import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { remove } from "../../api";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { later } from "../../parts/later";
import { Nothing } from "../../parts/nothing";
import type { Target } from "../../wire";
import { Deliveries } from "./deliveries";
import "./send.css";
import { TargetCard } from "./target_card";
import { TargetFields } from "./target_form";
import { useTargets } from "./use_targets";

/** Targets that are about to be deleted, or have been, from here. */
const hidden = signal<ReadonlySet<string>>(new Set());

function hide(id: string, isAway: boolean): void {
  const ids = new Set(hidden.value);
  if (isAway) ids.add(id);
  else ids.delete(id);
  hidden.value = ids;
}

export function Send() {
  const { targets: known, problem, put, drop } = useTargets();
  const targets = known?.filter(({ id }) => !hidden.value.has(id)) ?? null;
  const [open, setOpen] = useState<Target | "new" | null>(null);
  const del = ({ id, name }: Target) => {
    hide(id, true);
    const act = async () => {
      await remove(`/targets/${id}`);
      drop(id);
    };
    later(`The target “${name}” is deleted.`, { act, back: () => hide(id, false), failure: "Not deleted" });
  };
  const add = (text: string) => (
    <Button kind="primary" icon="plus" onClick={() => setOpen("new")}>
      {text}
    </Button>
  );
  return (
    <div class="send">
      {problem !== null && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {targets !== null && targets.length > 0 && <p>{add("Add a target")}</p>}
      <ul class="rule-list">
        {targets?.map((target) => (
          <li key={target.id}>
            <TargetCard
              target={target}
              onChange={put}
              onEdit={() => setOpen(target)}
              onDelete={() => del(target)}
            />
          </li>
        ))}
      </ul>
      {targets?.length === 0 && (
        <Nothing
          icon="alert"
          title="Alerts stay on this page"
          text="Nothing leaves the box until you say where to: a phone by ntfy, or any program by a webhook. Each alert is tried until it has arrived."
          action={add("Add the first target")}
        />
      )}
      {targets !== null && (targets.length > 0 || hidden.value.size > 0) && <Deliveries targets={targets} />}
      <Dialog
        title={open === "new" || open === null ? "A new target" : `Target “${open.name}”`}
        isOpen={open !== null}
        onClose={() => setOpen(null)}
      >
        <TargetFields
          target={open === "new" ? null : open}
          onSaved={(target) => {
            put(target);
            setOpen(null);
          }}
          onCancel={() => setOpen(null)}
        />
      </Dialog>
    </div>
  );
}
