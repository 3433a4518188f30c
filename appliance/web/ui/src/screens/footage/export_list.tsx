// The list of exports.

import { useEffect, useState } from "preact/hooks";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { nameOf } from "../../state/session";
import type { Export } from "../../wire";
import { clockWithSeconds, lasting, moment } from "../../words";
import { courseOf, exports_, isActive } from "./exports";

const SURE_MS = 4000;

export function ExportList() {
  useEffect(() => exports_.show(), []);
  const items = exports_.items.value;
  const problem = exports_.problem.value;
  if (items.length === 0 && problem === "") return null;
  return (
    <section class="panel export-panel" aria-labelledby="exports-title">
      <div class="panel-head">
        <h2 id="exports-title">Exports</h2>
      </div>
      {problem !== "" && <p class="error">{problem}</p>}
      <ul class="export-list">
        {items.map((one) => (
          <Row key={one.id} of={one} />
        ))}
      </ul>
    </section>
  );
}

function Row({ of: one }: { of: Export }) {
  const [from, to] = [Date.parse(one.from), Date.parse(one.to)];
  const tone = { done: "good", failed: "bad", running: "wait", waiting: "wait", cancelled: "idle" }[
    one.state
  ];
  return (
    <li data-state={one.state} data-tone={tone}>
      <div class="export-what">
        <p>
          <span class="dot" aria-hidden="true" /> {nameOf(one.camera_id)}
          <span class="muted">
            , {moment(from)} – {clockWithSeconds(to)} ({lasting(to - from)})
          </span>
        </p>
        <p class="muted small">{courseOf(one)}</p>
        {one.state === "running" && (
          <progress max={1} value={one.progress} aria-label="Progress of the export" />
        )}
      </div>
      <div class="buttons">
        {one.file !== null && (
          // The box names the file; without any name here the router would take it for another screen.
          <a class="button small" href={one.file} download="footage.mp4">
            <Icon name="download" />
            <span>Download</span>
          </a>
        )}
        {isActive(one) ? (
          <Button small onClick={() => exports_.drop(one)}>
            Cancel
          </Button>
        ) : (
          <Delete of={one} />
        )}
      </div>
    </li>
  );
}

/** A file that is deleted is gone: it is asked once more. */
function Delete({ of: one }: { of: Export }) {
  const [isSure, setSure] = useState(false);
  useEffect(() => {
    if (!isSure) return;
    const timer = setTimeout(() => setSure(false), SURE_MS);
    return () => clearTimeout(timer);
  }, [isSure]);
  if (isSure)
    return (
      // The second click of a double one came before anybody could read this.
      <Button small kind="danger" onClick={(event) => event.detail < 2 && exports_.drop(one)}>
        Really delete?
      </Button>
    );
  return <Button small kind="quiet" icon="bin" label="Delete this export" onClick={() => setSure(true)} />;
}
