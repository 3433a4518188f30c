// A camera's newest picture, fetched anew while somebody sees it.

import { useEffect, useRef, useState } from "preact/hooks";
import { picture } from "../../api";
import { Icon } from "../../parts/icon";
import { useSeen } from "../../parts/seen";
import type { Camera } from "../../wire";

const EVERY_MS = 2000;

export function Snapshot({ camera }: { camera: Camera }) {
  const element = useRef<HTMLDivElement>(null);
  const isSeen = useSeen(element);
  const [url, setUrl] = useState<string | null>(null);
  const isOn = camera.status === "online";
  useEffect(() => (isSeen && isOn ? follow(camera.id, setUrl) : undefined), [camera.id, isSeen, isOn]);
  useEffect(() => () => setUrl(revoked), []);
  return (
    <div class="snapshot on-picture" ref={element} data-stale={!isOn || undefined}>
      {url === null ? (
        <Icon name={camera.enabled ? "camera" : "offline"} />
      ) : (
        <img src={url} alt={`What ${camera.name} shows`} />
      )}
    </div>
  );
}

const revoked = (old: string | null) => {
  if (old !== null) URL.revokeObjectURL(old);
  return null;
};

/** Fetch the picture again and again; one that is missing now may be there the next time. */
function follow(id: string, set: (change: (old: string | null) => string | null) => void) {
  const stop = new AbortController();
  let timer = 0;
  const look = async () => {
    try {
      const blob = await picture(`/cameras/${id}/frame.jpg?size=small`, stop.signal);
      const next = URL.createObjectURL(blob);
      set((old) => {
        revoked(old);
        return next;
      });
    } catch {
      // The camera's state says why there is none.
      if (stop.signal.aborted) return;
    }
    timer = window.setTimeout(look, EVERY_MS);
  };
  void look();
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}
