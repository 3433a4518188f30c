"""A file of footage that can be read: its row, and where it lies."""

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from appliance.domain.footage import Segment
from appliance.errors import FootageUnavailable, NotFound


@dataclass(frozen=True, slots=True)
class FootageFile:
    """A segment as the database knows it.

    Attributes:
        folder: of its storage path, absolute.
    """

    segment: Segment
    folder: Path

    @property
    def path(self) -> Path:
        """Where the file lies; looks at the disk.

        Raises:
            NotFound: the row leads out of the storage path, by itself or through a link.
        """
        path = (self.folder / self.segment.path).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise NotFound(f"the segment {self.segment.id!r} does not lie in its storage path")
        return path

    def open(self) -> BinaryIO:
        """Open it for reading, as far as it has been synced; blocks.

        Raises:
            NotFound: the file is not there, or is shorter than its row says.
            FootageUnavailable: the disk fails, or denies it.
        """
        try:
            file = self.path.open("rb", buffering=0)
        except FileNotFoundError as err:
            raise NotFound(f"the file of the segment {self.segment.id!r} is not on its disk") from err
        except OSError as err:
            why = err.strerror or type(err).__name__
            raise FootageUnavailable(
                f"the disk with the segment {self.segment.id!r} cannot be read: {why}"
            ) from err
        if os.fstat(file.fileno()).st_size < self.segment.size:
            file.close()
            raise NotFound(f"the file of the segment {self.segment.id!r} is shorter than it should be")
        return file


class SyncedPart(io.RawIOBase):
    """The bytes of a file that have been synced, as a file of its own; what lies after them is not seen."""

    def __init__(self, file: FootageFile) -> None:
        self._file = file.open()
        self._size = file.segment.size
        self._at = 0

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that it can be read from anywhere."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, or fewer at the end."""
        left = max(0, self._size - self._at)
        data = os.pread(self._file.fileno(), left if size < 0 else min(size, left), self._at)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place and return it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return the place that is read next."""
        return self._at

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
