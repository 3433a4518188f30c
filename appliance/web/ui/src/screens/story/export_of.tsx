// An event's clip as one file: asked for, made, and fetched.

import { useEffect, useState } from "preact/hooks";
import { get, post, remove } from "../../api";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import type { Event, Export, Items } from "../../wire";
import { bytes, count } from "../../words";

const LOOK_EVERY_MS = 700;

const isActive = (one: Export) => one.state === "waiting" || one.state === "running";

export function ExportOf({ event, canExport }: { event: Event; canExport: boolean }) {
  const { made, setMade } = useExport(event.id);
  const ask = async () => {
    setMade((await post<Export>("/exports", { event_id: event.id })).data);
  };
  const drop = async (one: Export) => {
    await remove(`/exports/${one.id}`);
    setMade(null);
  };
  if (made === null || made.state === "cancelled") {
    return (
      <Button icon="clip" disabled={!canExport} onClick={ask}>
        Export
      </Button>
    );
  }
  return (
    <div class="story-export" role="status">
      <Course of={made} />
      <div class="buttons">
        {made.file !== null && (
          <a class="button primary" href={made.file} download="clip.mp4">
            <Icon name="download" />
            <span>Download</span>
          </a>
        )}
        {made.state === "failed" && <Button onClick={ask}>Try again</Button>}
        <Button kind="quiet" onClick={() => drop(made)}>
          {isActive(made) ? "Cancel" : "Delete the file"}
        </Button>
      </div>
    </div>
  );
}

function Course({ of }: { of: Export }) {
  if (of.state === "failed") return <p class="error">The export failed: {of.reason}</p>;
  if (of.state === "done") {
    const gaps = of.gaps.length === 0 ? "" : `, ${count(of.gaps.length, "gap")} closed up`;
    return (
      <p>
        The clip is ready: {of.size === null ? "one file" : bytes(of.size)}
        {gaps}.
      </p>
    );
  }
  return (
    <>
      <p>
        {of.state === "waiting" ? "The export waits for its turn" : "The clip is being made"}
        {of.size !== null && `, about ${bytes(of.size)}`} …
      </p>
      <progress max={1} value={of.progress} aria-label="Progress of the export" />
    </>
  );
}

/** The newest export of an event, looked at again while it is being made. */
function useExport(eventId: string) {
  const [made, setMade] = useState<Export | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    get<Items<Export>>("/exports", stop.signal).then(
      ({ data }) => setMade((now) => now ?? data.items.find((one) => one.event_id === eventId) ?? null),
      // Without the list there is the button all the same.
      () => {},
    );
    return () => stop.abort();
  }, [eventId]);
  useEffect(() => {
    if (made === null || !isActive(made)) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        setMade((await get<Export>(`/exports/${made.id}`, stop.signal)).data);
      } catch {
        // Looked at again; a new object, so that it is.
        if (!stop.signal.aborted) setMade({ ...made });
      }
    }, LOOK_EVERY_MS);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [made]);
  return { made, setMade };
}
