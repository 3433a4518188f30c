// The models: which there are, where they are from, and fetching one when somebody wants it.

import { useEffect, useState } from "preact/hooks";
import { post, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Pill } from "../../parts/signs";
import { may } from "../../state/access";
import type { Model, Models } from "../../wire";
import { Bar, WithCode } from "./bits";
import { FETCH_OFF, originOf, stateOf, wantedWords } from "./model_words";
import { usePolled } from "./polled";

const EVERY_MS = 15_000;
const FETCHING_EVERY_MS = 1000;

const isFetching = (models: Models | null) =>
  models?.items.some(({ progress }) => progress !== null) ?? false;

export function ModelList() {
  const [everyMs, setEveryMs] = useState(EVERY_MS);
  const { data, problem, put } = usePolled<Models>("/system/models", everyMs);
  const isBusy = isFetching(data);
  useEffect(() => setEveryMs(isBusy ? FETCHING_EVERY_MS : EVERY_MS), [isBusy]);
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
  put: (models: Models) => void;
}

function Item({ model, canFetch, put }: Props) {
  const [refused, setRefused] = useState("");
  const { name, is_here, can_be_pulled, progress } = model;
  const [word, tone] = stateOf(model);
  // What was refused says nothing any more once it is on its way, or here.
  useEffect(() => setRefused(""), [progress === null, is_here]);
  const fetchIt = async () => {
    setRefused("");
    try {
      put((await post<Models>(`/system/models/${encodeURIComponent(name)}/pull`)).data);
    } catch (problem) {
      setRefused(wordsOf(problem));
    }
  };
  const wrong = refused || (model.problem && `It could not be fetched: ${model.problem}.`);
  return (
    <li>
      <div class="sys-model-head">
        <strong>{name}</strong>
        <Pill tone={tone} text={word} />
      </div>
      <p class="muted small">{originOf(model)}</p>
      {progress !== null && (
        <Bar name="Fetched" ratio={progress} words={`${Math.round(progress * 100)} %`} isProgress />
      )}
      {wrong && progress === null && (
        <p class="error" role="alert">
          {wrong}
        </p>
      )}
      {can_be_pulled && canFetch && (
        <p>
          <Button
            small
            icon="download"
            label={`${is_here ? "Fetch again" : "Fetch it"}: ${name}`}
            onClick={fetchIt}
          >
            {is_here ? "Fetch again" : "Fetch it"}
          </Button>
        </p>
      )}
    </li>
  );
}
