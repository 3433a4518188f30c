"""All cameras' recordings: from their packets to the disks, and from there to the book."""

import threading
from collections.abc import Sequence
from datetime import tzinfo

from appliance.domain.camera import Camera
from appliance.domain.ids import CameraId, EventId, IdSource, new_id
from appliance.domain.time import WallUs
from appliance.recordings.book import Book
from appliance.recordings.recorder import Recorder, Sink
from appliance.recordings.settings import Settings


class Recordings:
    """One recorder for each camera, kept in step with the rows; lives as long as the service.

    A change of what an owner wants recorded is applied to the running recorder: the camera is not connected
    to again for it.

    Args:
        disks: take the fragments.
        book: keeps the ledgers of these cameras.
        zone: of the box.
    """

    def __init__(
        self, disks: Sink, book: Book, settings: Settings, zone: tzinfo, make_id: IdSource = new_id
    ) -> None:
        self._disks = disks
        self._book = book
        self._settings = settings
        self._zone = zone
        self._make_id = make_id
        self._recorders: dict[CameraId, Recorder] = {}
        self._lock = threading.Lock()

    def apply(self, cameras: Sequence[Camera]) -> None:
        """Match these cameras; on the event loop."""
        wanted = {camera.id: camera for camera in cameras}
        with self._lock:
            gone = [self._recorders.pop(id_) for id_ in self._recorders.keys() - wanted.keys()]
        for recorder in gone:
            recorder.close()
        for camera in cameras:
            self.recorder(camera).apply(camera)
        with self._lock:
            self._book.watch(dict(self._recorders))

    def recorder(self, camera: Camera) -> Recorder:
        """Return a camera's recorder, which is made when it is asked for first; any thread."""
        with self._lock:
            recorder = self._recorders.get(camera.id)
            if recorder is None:
                recorder = Recorder(camera, self._disks, self._settings, self._zone, self._make_id)
                self._recorders[camera.id] = recorder
            return recorder

    def known(self, camera_id: CameraId) -> Recorder | None:
        """Return a camera's recorder if it has one; any thread."""
        return self._recorders.get(camera_id)

    def event(
        self, camera_id: CameraId, event_id: EventId, started_us: WallUs, last_seen_us: WallUs, ended: bool
    ) -> None:
        """Note a camera's event as it is now; any thread."""
        recorder = self._recorders.get(camera_id)
        if recorder is not None:
            recorder.event(event_id, started_us, last_seen_us, ended)

    def disconnected(self, camera_id: CameraId) -> None:
        """Hand on what waits of a camera whose connection is over; on its reader's thread."""
        recorder = self._recorders.get(camera_id)
        if recorder is not None:
            recorder.disconnected()

    def close(self) -> None:
        """Hand on what waits of every camera; the readers have ended, the disks not yet."""
        with self._lock:
            recorders = list(self._recorders.values())
        for recorder in recorders:
            recorder.close()
