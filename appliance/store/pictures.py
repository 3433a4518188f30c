"""The pictures of events: files beside the database, named by their rows."""

import os
import re
from pathlib import Path

from appliance.domain.ids import EventId
from appliance.domain.time import WallUs

FOLDER = "pictures"
NAME = re.compile(r"[0-9a-zA-Z_-]{1,80}\.jpg")


class Pictures:
    """Writes, reads and removes pictures; every method blocks on the disk and may be called on any thread.

    A picture is never changed: a better one gets a new name. It is written, synced and renamed into place
    before its row names it, and removed after the row has let go of it, so that a crash leaves at most a file
    that nobody names, which ``sweep`` removes at the next start.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @staticmethod
    def name_for(event_id: EventId, at_us: WallUs) -> str:
        """Return the name of the version of an event's picture that shows that instant."""
        return f"{event_id}-{at_us // 1000:x}.jpg"

    def write(self, name: str, jpeg: bytes) -> None:
        """Write a new picture durably.

        Raises:
            OSError: the disk is full or not writable; nothing is left behind.
        """
        part = self._folder / f"{name}.part"
        try:
            _write_durably(part, jpeg)
            part.replace(self._folder / name)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read(self, name: str) -> bytes | None:
        """Return the picture, or ``None`` when there is none of that name."""
        path = self._path(name)
        return path.read_bytes() if path is not None and path.is_file() else None

    def delete(self, name: str) -> None:
        """Remove the picture; nothing happens when it is not there."""
        path = self._path(name)
        if path is not None:
            path.unlink(missing_ok=True)

    def names(self) -> set[str]:
        """Return the names of all files in the folder."""
        return {path.name for path in self._folder.iterdir()}

    def sweep(self, named: set[str]) -> int:
        """Remove every file that no row names and return how many there were; only while nobody writes."""
        orphans = self.names() - named
        for orphan in orphans:
            (self._folder / orphan).unlink(missing_ok=True)
        return len(orphans)

    def _path(self, name: str) -> Path | None:
        """Return where a picture lies: the name comes from the database, and is checked all the same."""
        return self._folder / name if NAME.fullmatch(name) else None


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
