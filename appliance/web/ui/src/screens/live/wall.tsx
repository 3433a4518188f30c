// The wall display: nothing but the pictures, on a screen that stays awake.

import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { announce } from "../../parts/announcer";
import { Button } from "../../parts/button";
import { addressOf } from "./address";
import "./wall.css";

const SHOWN_MS = 3000;

/** It stands in the address (`/?wall=on`), so that a display can be started with it. */
export function useWall(): { isOn: boolean; toggle: () => void } {
  const { query, route } = useLocation();
  const isOn = query.wall === "on";
  const toggle = () => {
    if (isOn && document.fullscreenElement !== null) void document.exitFullscreen();
    // A browser that does not let it fill the screen shows it in its window.
    if (!isOn) document.documentElement.requestFullscreen?.().catch(() => {});
    announce(isOn ? "" : "Wall display. Escape leaves it.");
    // Who has left it does not come back to it by going back.
    route(addressOf(null, !isOn), isOn);
  };
  useEffect(() => {
    if (!isOn) return;
    document.documentElement.dataset.wall = "on";
    const sleep = stayAwake();
    return () => {
      delete document.documentElement.dataset.wall;
      sleep();
    };
  }, [isOn]);
  return { isOn, toggle };
}

/** The way back, shown while somebody moves the pointer or presses a key. */
export function WallLeave({ onLeave }: { onLeave: () => void }) {
  const isShown = useMoved();
  useEffect(() => {
    // The browser takes Escape for itself while the page fills the screen.
    const changed = () => document.fullscreenElement === null && onLeave();
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  });
  return (
    <div class="wall-leave on-picture" data-shown={isShown}>
      <Button icon="close" onClick={onLeave}>
        Leave the wall display
      </Button>
    </div>
  );
}

/** Whether somebody has been active in the last seconds. */
export function useMoved(): boolean {
  const [isMoved, setMoved] = useState(true);
  useEffect(() => {
    let timer = 0;
    const moved = () => {
      setMoved(true);
      clearTimeout(timer);
      timer = window.setTimeout(() => setMoved(false), SHOWN_MS);
    };
    moved();
    const kinds = ["pointermove", "pointerdown", "keydown"] as const;
    for (const kind of kinds) addEventListener(kind, moved);
    return () => {
      clearTimeout(timer);
      for (const kind of kinds) removeEventListener(kind, moved);
    };
  }, []);
  return isMoved;
}

/** Ask that the screen is not switched off, again whenever the page comes to the front; returns what ends it. */
function stayAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let isWanted = true;
  const ask = async () => {
    if (document.hidden || !isWanted) return;
    try {
      lock = await navigator.wakeLock.request("screen");
    } catch {
      // Not every browser has it, and none without TLS unless the box itself shows the page.
    }
    if (!isWanted) void lock?.release();
  };
  void ask();
  document.addEventListener("visibilitychange", ask);
  return () => {
    isWanted = false;
    document.removeEventListener("visibilitychange", ask);
    void lock?.release();
  };
}
