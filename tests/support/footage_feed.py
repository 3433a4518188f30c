"""Four cameras recorded to a folder as fast as it goes, until somebody kills it; says what it was told.

Run as ``python -m tests.support.footage_feed FOLDER``: a line of JSON for each word on a segment.
"""

import json
import sys
import threading
from pathlib import Path

from appliance.domain.footage import Segment
from appliance.domain.ids import CameraId
from appliance.recordings.disks.footage_writer import FootageWriter
from appliance.recordings.disks.os_files import SystemFiles
from appliance.recordings.disks.volume import Register, Volume
from appliance.recordings.reports import Dropped
from appliance.recordings.settings import Settings, StoragePath
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from tests.support.fragments import fragments

CAMERAS = [CameraId(name) for name in ("door", "gate", "hall", "yard")]
SYNC_S = 0.1
PAUSE_S = 0.01
SEGMENT_S = 10


class Teller:
    """Says on standard output what lies on the disk, as the database would be told."""

    def synced(self, segment: Segment) -> None:
        """Say it."""
        known = {"path": segment.path, "size": segment.size, "end_us": segment.end_us}
        sys.stdout.write(json.dumps(known) + "\n")
        sys.stdout.flush()

    def dropped(self, dropped: Dropped) -> None:
        """Nothing is to be dropped here."""
        raise AssertionError(dropped)


def main(folder: str) -> None:
    """Record until killed."""
    clock, files, settings = SystemClock(), SystemFiles(), Settings(sync_every_s=SYNC_S)
    register = Register((), lambda _volume: None)
    volume = Volume(StoragePath(Path(folder)), register, files, clock, Health(), settings)
    writer = FootageWriter([volume], files, Teller(), clock, Metrics(), settings)
    writer.start()
    sources = [fragments(camera_id, segment_s=SEGMENT_S) for camera_id in CAMERAS]
    while True:
        for source in sources:
            writer.submit(next(source))
        clock.wait(threading.Event(), PAUSE_S)


if __name__ == "__main__":
    main(*sys.argv[1:])
