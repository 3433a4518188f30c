// "What would have changed?": asked before something is saved that decides about events.

import { useEffect, useRef, useState } from "preact/hooks";
import { wordsOf } from "../api";
import { nameOf } from "../state/session";
import { HOURS_BACK, type OtherSettings, whatIf } from "../state/what_if";
import type { Preview, PreviewItem } from "../wire";
import { count, lasting, moment } from "../words";
import { Button } from "./button";
import "./what_if.css";

const MOST_SHOWN = 50;

/** Asks when it is pressed; `settings` says what of, and `isStale` that it has changed since the answer. */
export function WhatIfAsked({ settings }: { settings: OtherSettings }) {
  const asked = JSON.stringify(settings);
  const [answer, setAnswer] = useState<{ to: string; of: Preview } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [sinceMs, setSince] = useState<number | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const look = async () => {
    const mine = new AbortController();
    stop.current = mine;
    setSince(Date.now());
    setProblem(null);
    setAnswer(null);
    try {
      setAnswer({ to: asked, of: await whatIf(settings, mine.signal) });
    } catch (refused) {
      if (!mine.signal.aborted) setProblem(wordsOf(refused));
    } finally {
      if (stop.current === mine) setSince(null);
    }
  };
  return (
    <section class="what-if" aria-label="What would have changed">
      {sinceMs === null ? (
        <Button icon="history" onClick={() => void look()}>
          What would have changed in the last {HOURS_BACK} hours?
        </Button>
      ) : (
        <p class="buttons">
          <Busy sinceMs={sinceMs} />
          <Button
            small
            onClick={() => {
              stop.current?.abort();
              setSince(null);
            }}
          >
            Stop
          </Button>
        </p>
      )}
      {problem !== null && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {answer !== null && <Answer of={answer.of} isStale={answer.to !== asked} />}
    </section>
  );
}

function Busy({ sinceMs }: { sinceMs: number }) {
  const [nowMs, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span class="what-if-busy">
      <span role="status">Going through the last {HOURS_BACK} hours … </span>
      <progress aria-label="Going through what was seen" />
      <span class="muted small">{lasting(nowMs - sinceMs)}</span>
    </span>
  );
}

function Answer({ of, isStale }: { of: Preview; isStale: boolean }) {
  return (
    <div class="what-if-answer" data-stale={isStale || undefined}>
      <p role="status">
        <b>{of.sentence}</b>
      </p>
      {isStale && <p class="small muted">You have changed it since; ask again.</p>}
      <p class="small muted">
        {count(of.frames, "analysed picture")} from {moment(Date.parse(of.from))} to{" "}
        {moment(Date.parse(of.to))}.
      </p>
      <Differences title="Would go" sign="−" items={of.gone} />
      <Differences title="Would come" sign="+" items={of.come} />
      <Differences title="Would be otherwise" sign="≠" items={of.changed} />
    </div>
  );
}

function Differences({ title, sign, items }: { title: string; sign: string; items: readonly PreviewItem[] }) {
  if (items.length === 0) return null;
  return (
    <details open={items.length <= 5}>
      <summary>
        {title}: {items.length.toLocaleString()}
      </summary>
      <ul>
        {items.slice(0, MOST_SHOWN).map((one) => (
          <li key={`${one.what} ${one.id}`}>
            <span aria-hidden="true">{sign}</span>
            <span>
              <a href={placeOf(one, sign)} target="_blank" rel="noopener">
                {one.summary === "" ? one.label : one.summary}
              </a>
              <span class="small muted">
                {one.what === "alert" ? "Alert" : "Event"} at {nameOf(one.camera_id)},{" "}
                {moment(Date.parse(one.at))}
                {one.reason !== "" && `: ${one.reason}`}
              </span>
            </span>
          </li>
        ))}
      </ul>
      {items.length > MOST_SHOWN && (
        <p class="small muted">And {(items.length - MOST_SHOWN).toLocaleString()} more.</p>
      )}
    </details>
  );
}

// What would come is in no list: the footage shows it. An alert has no page of its own.
const placeOf = ({ what, id, camera_id, at }: PreviewItem, sign: string) =>
  what === "event" && sign !== "+"
    ? `/events/${id}`
    : `/footage?camera=${camera_id}&at=${encodeURIComponent(at)}`;
