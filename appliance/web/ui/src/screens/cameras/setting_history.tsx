// What was changed of what decides about events, and the way back.

import { useEffect, useState } from "preact/hooks";
import { get, post, withQuery, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Ago } from "../../parts/signs";
import { tell } from "../../parts/toasts";
import type { Items, SettingChange } from "../../wire";
import { changeInWords } from "./setting_words";
import "./setting_history.css";

interface Props {
  /** `camera:ID`, `rule:ID` or `arm`; null for all. */
  subject: string | null;
  /** Whatever is another one when something was changed. */
  version: unknown;
  /** What a subject is called; only where there are several. */
  nameOf?: (subject: string) => string;
  onUndone?: () => void;
  /** The configuration file decides: it is only told. */
  isFixed?: boolean;
}

const SHOWN = 10;
const SETTLED_MS = 300;

export function SettingHistory({ subject, version, nameOf, onUndone, isFixed = false }: Props) {
  const [changes, setChanges] = useState<readonly SettingChange[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const load = async (page: string | null, signal?: AbortSignal) => {
    try {
      const path = withQuery("/setting_changes", { subject, page, limit: SHOWN });
      const { data } = await get<Items<SettingChange>>(path, signal);
      setChanges((old) => (page === null ? data.items : [...(old ?? []), ...data.items]));
      setNext(data.next);
      setProblem(null);
    } catch (refused) {
      if (!signal?.aborted) setProblem(wordsOf(refused));
    }
  };
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => void load(null, stop.signal), changes === null ? 0 : SETTLED_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [subject, version]);
  const undo = async (change: SettingChange) => {
    await post<SettingChange>(`/setting_changes/${change.id}/undo`);
    tell({ text: "It is as it was before.", tone: "good" });
    onUndone?.();
    await load(null);
  };
  if (problem !== null)
    return (
      <p class="error" role="alert">
        {problem}
      </p>
    );
  if (changes === null) return null;
  if (changes.length === 0) return <p class="muted small">Nothing was changed yet.</p>;
  return (
    <>
      <ol class="setting-history">
        {changes.map((change) => (
          <li key={change.id}>
            <span class="setting-change">
              <span>
                {nameOf !== undefined && <b>{nameOf(change.subject)}: </b>}
                {changeInWords(change)}
              </span>
              <span class="muted small">
                <Ago iso={change.at} />
                {change.undone_by !== null && ", undone"}
              </span>
            </span>
            {change.undone_by === null && !isFixed && (
              <Button
                needs="rules.manage"
                small
                icon="undo"
                label={`Undo: ${changeInWords(change)}`}
                onClick={() => undo(change)}
              >
                Undo
              </Button>
            )}
          </li>
        ))}
      </ol>
      {next !== null && (
        <p>
          <Button small onClick={() => load(next)}>
            Older ones
          </Button>
        </p>
      )}
    </>
  );
}
