// The live pictures: all cameras, one of them large (`?camera=`), or a wall display that shows nothing else (`?wall`).

import { useEffect, useRef } from "preact/hooks";
import { useLocation } from "preact-iso";
import { useKeys } from "../../keys";
import { ArmButton } from "../../parts/arm_control";
import { Button } from "../../parts/button";
import { DisplayButton } from "../../parts/display";
import { Icon } from "../../parts/icon";
import { Segmented } from "../../parts/segmented";
import { may } from "../../state/access";
import { kept } from "../../state/kept";
import { isInReach } from "../../state/reach";
import { cameraList, camerasDown } from "../../state/session";
import { count } from "../../words";
import { addressOf } from "./address";
import { FirstStart } from "./first_start";
import { Grid } from "./grid";
import { Large } from "./large";
import { useWall, WallLeave } from "./wall";
import "./live.css";

const boxes = kept("boxes", ["on", "off"], "off");
const phoneColumns = kept("live-columns", ["1", "2"], "1");
const toggleBoxes = () => (boxes.value = boxes.value === "on" ? "off" : "on");
const COLUMNS = [
  ["1", "Large"],
  ["2", "Small"],
] as const;

export function Live() {
  const list = cameraList.value;
  const { query, route } = useLocation();
  const shown = list.find(({ id }) => id === query.camera);
  const close = useClosing(shown?.id);
  const wall = useWall();
  useKeys("Live", [
    { keys: "b", does: "Boxes on or off", act: toggleBoxes },
    { keys: "w", does: "Wall display on or off", act: wall.toggle },
    ...(wall.isOn && shown === undefined
      ? [{ keys: "Escape", does: "Leave the wall display", act: wall.toggle }]
      : []),
    ...list.slice(0, 9).map(({ id, name }, index) => ({
      keys: String(index + 1),
      does: `Watch ${name}`,
      act: () => route(addressOf(id, wall.isOn), shown !== undefined),
    })),
  ]);
  const areBoxesOn = boxes.value === "on";
  if (list.length === 0) return <FirstStart />;
  return (
    <div class="live">
      <header class="screen-head live-head">
        <h1>Live</h1>
        <Counts />
        <Segmented
          label="Size of the pictures"
          value={phoneColumns.value}
          options={COLUMNS}
          onChange={(value) => (phoneColumns.value = value)}
        />
        {may("cameras.manage") && (
          <a class="button live-add" href="/cameras/new">
            <Icon name="plus" />
            <span>Add a camera</span>
          </a>
        )}
        <Button
          icon="boxes"
          pressed={areBoxesOn}
          label="Boxes around what is detected"
          onClick={toggleBoxes}
        />
        <span class="live-wall">
          <Button icon="full" label="Wall display: nothing but the pictures" onClick={wall.toggle} />
        </span>
        {/* On a phone there is no room for it where it is otherwise. */}
        <span class="arm-here">
          <ArmButton />
        </span>
        <span class="live-display">
          <DisplayButton />
        </span>
      </header>
      <Grid
        cameras={list}
        boxes={areBoxesOn}
        isWall={wall.isOn}
        phoneColumns={Number(phoneColumns.value)}
        isCovered={shown !== undefined}
      />
      {wall.isOn && shown === undefined && <WallLeave onLeave={wall.toggle} />}
      <Large camera={shown} boxes={areBoxesOn} onBoxes={toggleBoxes} onClose={close} />
    </div>
  );
}

/** How many there are, and how many of them show nothing. */
function Counts() {
  // How they are is not known while the box does not answer.
  const down = isInReach.value ? camerasDown.value : 0;
  return (
    <p class="muted small live-counts">
      {count(cameraList.value.length, "camera")}
      {down > 0 && <>, {down} without a picture</>}
    </p>
  );
}

/** Closing the large view is going back where it was opened from here, so that going back never opens it again. */
function useClosing(shownId: string | undefined): () => void {
  const { query, route } = useLocation();
  const wasGrid = useRef(false);
  const wasOpened = useRef(false);
  useEffect(() => {
    wasOpened.current = shownId !== undefined && (wasOpened.current || wasGrid.current);
    wasGrid.current = shownId === undefined;
  }, [shownId]);
  return () => {
    if (wasOpened.current) history.back();
    else route(addressOf(null, query.wall === "on"), true);
  };
}
