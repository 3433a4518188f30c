// What is drawn on the camera's picture, in short, and what was changed lately.

import { Icon } from "../../parts/icon";
import { may } from "../../state/access";
import type { Camera } from "../../wire";
import { count } from "../../words";
import { SettingHistory } from "./setting_history";

export function ZonesPanel({ camera }: { camera: Camera }) {
  const { zones, lines, masks } = camera.scene;
  const canDraw = may("cameras.manage");
  const isFixed = camera.scene_managed_by === "file" || !canDraw;
  const parts = [
    zones.length > 0 && count(zones.length, "zone"),
    lines.length > 0 && count(lines.length, "line"),
    masks.length > 0 && count(masks.length, "mask"),
  ].filter((one) => one !== false);
  return (
    <section class="panel form">
      <h2>Zones, lines and masks</h2>
      <p class="muted">
        {parts.length === 0
          ? "Nothing is drawn: the whole picture counts alike."
          : `${parts.join(", ")}: ${[...zones, ...lines, ...masks].map(({ name }) => name).join(", ")}.`}
      </p>
      {(canDraw || parts.length > 0) && (
        <p>
          <a class="button" href={`/cameras/${camera.id}/zones`}>
            <Icon name="zone" />
            <span>
              {isFixed
                ? "Look at them on the picture"
                : parts.length === 0
                  ? "Draw on the picture"
                  : "Change them on the picture"}
            </span>
          </a>
        </p>
      )}
    </section>
  );
}

/** What was changed at this camera that decides about events. */
export function ChangesPanel({ camera }: { camera: Camera }) {
  const { scene, labels, name, detect_fps } = camera;
  return (
    <section class="panel form">
      <h2>What was changed</h2>
      <SettingHistory
        isFixed={camera.managed_by === "file" && camera.scene_managed_by === "file"}
        subject={`camera:${camera.id}`}
        version={JSON.stringify([scene, labels, name, detect_fps])}
      />
    </section>
  );
}
