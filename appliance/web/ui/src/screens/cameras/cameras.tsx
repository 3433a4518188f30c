// The cameras: all of them, one of them, or a new one, as the address says.

import { useRoute } from "preact-iso";
import { Nothing } from "../../parts/nothing";
import { may } from "../../state/access";
import { cameras } from "../../state/session";
import { AddCamera } from "./add_camera";
import { useArrival } from "./arrival";
import { CameraPage } from "./camera_page";
import { CameraList } from "./list";
import "./cameras.css";

export function Cameras() {
  const { id } = useRoute().params;
  useArrival(id);
  if (id === undefined) return <CameraList />;
  if (id === "new" && may("cameras.manage")) return <AddCamera />;
  const camera = cameras.value.get(id);
  if (camera === undefined) return <Gone />;
  return <CameraPage key={id} camera={camera} />;
}

function Gone() {
  return (
    <Nothing
      icon="camera"
      title="There is no such camera"
      text="It was deleted, or its address on this page is wrong."
      action={
        <a class="button" href="/cameras">
          All cameras
        </a>
      }
    />
  );
}
