import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { remove } from "../../api";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { tell } from "../../parts/toasts";
import { dropCamera, setLeaving } from "../../state/session";
import { connected } from "../../video/turns";
import type { Camera } from "../../wire";

/** Deleting asks with the camera's name, and says what stays. */
export function DeleteCamera({ camera }: { camera: Camera }) {
  const { route } = useLocation();
  const [isOpen, setOpen] = useState(false);
  const drop = async () => {
    setLeaving(camera.id, true);
    // A connection that is being made to the camera's picture is made before it goes.
    await connected();
    try {
      await remove(`/cameras/${camera.id}`);
    } catch (error) {
      setLeaving(camera.id, false);
      throw error;
    }
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
