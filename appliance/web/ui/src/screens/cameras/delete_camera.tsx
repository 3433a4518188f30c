import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { remove } from "../../api";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { tell } from "../../parts/toasts";
import { dropCamera } from "../../state/session";
import type { Camera } from "../../wire";

/** Deleting asks with the camera's name, and says what stays. */
export function DeleteCamera({ camera }: { camera: Camera }) {
  const { route } = useLocation();
  const [isOpen, setOpen] = useState(false);
  const drop = async () => {
    await remove(`/cameras/${camera.id}`);
    setOpen(false);
    route("/cameras");
    dropCamera(camera.id);
    tell({ text: `${camera.name} is deleted. Its footage and events stay until they age out.` });
  };
  return (
    <section class="panel form">
      <h2>Delete</h2>
      <p class="muted">
        To stop watching for a while, switch the camera off instead: then its settings stay as well.
      </p>
      <p>
        <Button kind="danger" icon="bin" onClick={() => setOpen(true)}>
          Delete this camera …
        </Button>
      </p>
      <Dialog title={`Delete ${camera.name}?`} isOpen={isOpen} onClose={() => setOpen(false)}>
        <div class="form">
          <p>
            Nightjar stops watching and recording it, and forgets its address and password. Its footage,
            events and alerts stay until they age out.
          </p>
          <div class="actions">
            <Button kind="danger" icon="bin" onClick={drop}>
              {`Delete ${camera.name}`}
            </Button>
            <Button onClick={() => setOpen(false)}>Keep it</Button>
          </div>
        </div>
      </Dialog>
    </section>
  );
}
