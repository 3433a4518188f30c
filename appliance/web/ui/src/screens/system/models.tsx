// The models: which there are, where they are from, how fast they are, and what is being done with them.

import { useEffect, useState } from "preact/hooks";
import { sentence, wordsOf } from "../../api";
import { Pill } from "../../parts/signs";
import { may } from "../../state/access";
import type { Model, Models } from "../../wire";
import { Bar, WithCode } from "./bits";
import { ModelActions } from "./model_actions";
import { FETCH_OFF, originOf, problemOf, speedOf, stateOf, wantedWords } from "./model_words";
import { usePolled } from "./polled";

const EVERY_MS = 15_000;
const FETCHING_EVERY_MS = 1000;

const isFetching = (models: Models | null) =>
  models?.items.some(({ progress }) => progress !== null) ?? false;
const isBuilding = (models: Models | null) =>
  models?.items.some(({ export_ratio }) => export_ratio !== null) ?? false;

export function ModelList() {
  const [everyMs, setEveryMs] = useState(EVERY_MS);
  const { data, problem, put } = usePolled<Models>("/system/models", everyMs);
  const isBusy = isFetching(data);
  const isExporting = isBuilding(data);
  useEffect(() => setEveryMs(isBusy || isExporting ? FETCHING_EVERY_MS : EVERY_MS), [isBusy, isExporting]);
  if (data === null) return problem === null ? null : <p class="error">{problem}</p>;
  const { items, may_fetch } = data;
  return (
    <section class="sys-models" aria-label="Models">
      <h3 class="sys-sub">Models</h3>
      <ul>
        {items.map((model) => (
          <Item
            key={model.name}
            model={model}
            canFetch={may_fetch && !isBusy && may("system.manage")}
            canExport={!isExporting}
            put={put}
          />
        ))}
      </ul>
      <p class="muted small">
        <WithCode text={may_fetch ? wantedWords(data) : FETCH_OFF} />
      </p>
      {problem !== null && (
        <p class="error" role="status">
          This may be old: {problem}
        </p>
      )}
    </section>
  );
}

interface Props {
  model: Model;
  canFetch: boolean;
  canExport: boolean;
  put: (models: Models) => void;
}

function Item({ model, canFetch, canExport, put }: Props) {
  const [refused, setRefused] = useState("");
  const { name, is_here, progress, export_ratio } = model;
  const [word, tone] = stateOf(model);
  // What was refused says nothing any more once it is on its way, or here.
  useEffect(() => setRefused(""), [progress === null, export_ratio === null, is_here]);
  const act = async (asking: () => Promise<Models>) => {
    setRefused("");
    try {
      put(await asking());
    } catch (problem) {
      setRefused(wordsOf(problem));
    }
  };
  const wrong = refused || problemOf(model);
  return (
    <li>
      <div class="sys-model-head">
        <strong>{name}</strong>
        <Pill tone={tone} text={word} />
      </div>
      <p class="muted small">{originOf(model)}</p>
      {speedOf(model) !== "" && <p class="small">{speedOf(model)}</p>}
      {model.engine !== "" && <p class="muted small">TensorRT engine: {model.engine}</p>}
      {progress !== null && (
        <Bar name="Fetched" ratio={progress} words={`${Math.round(progress * 100)} %`} isProgress />
      )}
      {export_ratio !== null && (
        <>
          <Bar name="Engine" ratio={export_ratio} words={`${Math.round(export_ratio * 100)} %`} isProgress />
          {model.export_note !== "" && <p class="muted small">{sentence(model.export_note)}</p>}
        </>
      )}
      {wrong && progress === null && (
        <p class="error" role="alert">
          {wrong}
        </p>
      )}
      {progress === null && export_ratio === null && (
        <ModelActions model={model} canFetch={canFetch} canExport={canExport} act={act} />
      )}
    </li>
  );
}
