// What can be done with a model that is here: fetch it again, remove it, and build an engine of it.

import { useState } from "preact/hooks";
import { ask, post } from "../../api";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import type { Model, Models } from "../../wire";

interface Props {
  model: Model;
  canFetch: boolean;
  canExport: boolean;
  /** Does what it is given, shows the list that comes of it, and says why it was refused. */
  act: (asking: () => Promise<Models>) => Promise<void>;
}

const path = (model: Model, what = "") => `/system/models/${encodeURIComponent(model.name)}${what}`;

export function ModelActions({ model, canFetch, canExport, act }: Props) {
  const { name, is_here, can_be_pulled } = model;
  const fetchIt = () => act(async () => (await post<Models>(path(model, "/pull"))).data);
  const exportIt = () => act(async () => (await post<Models>(path(model, "/export"), {})).data);
  const fetchWord = is_here ? "Fetch again" : "Fetch it";
  const exportWord = model.engine === "" ? "Build engine" : "Build engine again";
  return (
    <div class="sys-model-actions">
      {can_be_pulled && canFetch && (
        <Button small icon="download" label={`${fetchWord}: ${name}`} onClick={fetchIt}>
          {fetchWord}
        </Button>
      )}
      {model.can_be_exported && canExport && (
        <Button small needs="system.manage" label={`${exportWord}: ${name}`} onClick={exportIt}>
          {exportWord}
        </Button>
      )}
      {is_here && <Remove model={model} act={act} />}
    </div>
  );
}

function Remove({ model, act }: Pick<Props, "model" | "act">) {
  const [isOpen, setOpen] = useState(false);
  const { name, is_at_work } = model;
  const removeIt = async () => {
    setOpen(false);
    await act(async () => (await ask<Models>("DELETE", path(model))).data);
  };
  return (
    <>
      <Button
        small
        kind="quiet"
        icon="bin"
        needs="system.manage"
        label={`Remove: ${name}`}
        onClick={() => setOpen(true)}
      >
        Remove
      </Button>
      <Dialog title={`Remove ${name}?`} isOpen={isOpen} onClose={() => setOpen(false)}>
        <div class="form">
          <p>
            Its file and what was built of it are removed from this box.
            {is_at_work && " It is at work: the next best one looks at the pictures from then on."}
          </p>
          <div class="actions">
            <Button kind="danger" icon="bin" onClick={removeIt}>
              {`Remove ${name}`}
            </Button>
            <Button onClick={() => setOpen(false)}>Keep it</Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}
