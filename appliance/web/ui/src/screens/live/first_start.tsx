import { post } from "../../api";
import { announce } from "../../parts/announcer";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { Nothing } from "../../parts/nothing";
import { may } from "../../state/access";
import { putCamera } from "../../state/session";
import type { Camera, NewCamera } from "../../wire";
import "./first_start.css";

const STREET: NewCamera = { name: "Drawn street", address: "demo:" };

/** What is shown before there is any camera, or where none may be seen. */
export function FirstStart() {
  if (may("cameras.manage")) return <Welcome />;
  return (
    <Nothing
      icon="camera"
      title="No camera to look at"
      text="An admin of this box says which cameras you see."
    />
  );
}

function Welcome() {
  const look = async () => {
    putCamera((await post<Camera>("/cameras", STREET)).data);
    announce("The drawn street was added. Its picture comes in a moment.");
  };
  return (
    <div class="first-start">
      <img src="/static/icon.svg" alt="" width="72" height="72" />
      <h1>Welcome to Nightjar</h1>
      <p>
        Nightjar watches your cameras, keeps what they see on this box alone, and tells you when something
        happens.
      </p>
      <div class="first-start-ways">
        <a class="button primary" href="/cameras/new">
          <Icon name="plus" />
          <span>Add a camera</span>
        </a>
        <Button onClick={look}>Look around with a drawn street</Button>
      </div>
      <p class="muted small">
        The street is drawn by the program, with people who walk by. You can delete it at any time.
      </p>
    </div>
  );
}
