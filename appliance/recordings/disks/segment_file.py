"""One file of footage while it is written: begun, appended to, synced, closed."""

import dataclasses
import errno
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from appliance.domain.footage import Segment, SegmentState
from appliance.domain.ids import CameraId, SegmentId
from appliance.domain.time import WallUs
from appliance.packets.fmp4 import Fmp4Writer
from appliance.recordings.disks.files import Files, OpenFile
from appliance.recordings.disks.volume import Volume
from appliance.recordings.fragment import Fragment

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SUFFIX = ".mp4"


def path_of(camera_id: CameraId, segment_id: SegmentId, start_us: WallUs) -> str:
    """Return where a file of footage lies, relative to its storage path; its names are in UTC."""
    start = EPOCH + timedelta(microseconds=start_us)
    return f"{camera_id}/{start:%Y-%m-%d}/{start:%H%M%S.%f}-{segment_id}{SUFFIX}"


def start_of(path: str) -> tuple[SegmentId, WallUs] | None:
    """Return what a path says of its file: id and start; ``None`` when it is no file of footage's."""
    name = PurePosixPath(path)
    clock, _, segment_id = name.name.removesuffix(SUFFIX).partition("-")
    if name.suffix != SUFFIX or not segment_id:
        return None
    try:
        start = datetime.strptime(f"{name.parent.name} {clock} +0000", "%Y-%m-%d %H%M%S.%f %z")
    except ValueError:
        return None
    return SegmentId(segment_id), WallUs((start - EPOCH) // timedelta(microseconds=1))


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file that a failing disk left: to be cut back to what was said to be on the disk, once that works."""

    segment: Segment
    sha256: str


class SegmentFile:
    """A file of footage on the disk that it was begun on; used by that disk's thread alone.

    Between two syncs the file is ahead of ``segment``, which tells what is on the disk for good.

    Args:
        root: the storage path.
        segment: what it will be; nothing of it is on the disk yet.
        wanted_id: what the recorder called it; a file that is begun after a failure has an id of its own.
    """

    def __init__(
        self,
        files: Files,
        root: Path,
        muxer: Fmp4Writer,
        segment: Segment,
        wanted_id: SegmentId,
    ) -> None:
        self.segment = segment
        self.wanted_id = wanted_id
        self.unsynced: list[Fragment] = []
        self._files = files
        self._path = root / segment.path
        self._root = root
        self._muxer = muxer
        self._pending = muxer.init
        self._end_us = segment.end_us
        self._has_motion = segment.has_motion
        self._size = 0
        self._is_torn = False
        self._is_doubtful = False
        self._is_named = False
        self._hash = hashlib.sha256()
        self._synced_hash = self._hash.copy()
        self._file: OpenFile = files.open(self._path)

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._path

    @property
    def end_us(self) -> WallUs:
        """Where its last fragment ends."""
        return self._end_us

    def append(self, fragment: Fragment) -> int:
        """Write a fragment, and before the first one what a file begins with; return the bytes.

        Raises:
            OSError: it was not written, or not whole; ``close`` cuts that part off.
        """
        data = self._pending + self._muxer.fragment(fragment.packets, fragment.end_us, fragment.sounds)
        try:
            self._file.append(data)
        except OSError:
            self._is_torn = True
            raise
        self._pending = b""
        self._size += len(data)
        self._hash.update(data)
        self._end_us = fragment.end_us
        self._has_motion |= fragment.has_motion
        self.unsynced.append(fragment)
        return len(data)

    def sync(self) -> Segment:
        """Bring what was written to the disk for good: the bytes, and once the names that lead to them.

        Raises:
            OSError: nobody knows what lies on the disk. The system says so only once, and a second try
                would succeed without a reason: the file can only be left.
        """
        if self._is_doubtful:
            raise OSError(errno.EIO, "what was written may not be on the disk")
        self._is_doubtful = True
        self._file.sync()
        if not self._is_named:
            for folder in (self._path.parent, self._path.parent.parent, self._root):
                self._files.sync_folder(folder)
            self._is_named = True
        self._is_doubtful = False
        self.segment = dataclasses.replace(
            self.segment, end_us=self._end_us, size=self._size, has_motion=self._has_motion
        )
        self._synced_hash = self._hash.copy()
        self.unsynced.clear()
        return self.segment

    def close(self) -> Segment | None:
        """Cut off what is not whole, sync the rest, and return the closed segment.

        A file without a whole fragment is removed, and then there is no segment.

        Raises:
            OSError: it is not known what lies on the disk; ``leave`` the file.
        """
        if self._is_torn:
            self._file.cut(self._size)
            self._is_torn = False
        if self._size:
            self.sync()
            self.segment = _closed(self.segment, self._synced_hash.hexdigest())
        self._file.close()
        if self._size:
            return self.segment
        self._files.remove(self._path)
        return None

    def leave(self) -> Leftover:
        """Let go of the file as it is, on a disk that fails."""
        with suppress(OSError):
            self._file.close()
        return Leftover(self.segment, self._synced_hash.hexdigest())


def mend(files: Files, root: Path, leftover: Leftover) -> Segment | None:
    """Cut a file that was left back to what was synced, and return it closed; ``None`` if nothing was.

    Raises:
        OSError: the disk still fails.
    """
    path = root / leftover.segment.path
    size = files.size(path)
    if leftover.segment.size == 0:
        files.remove(path)
        return None
    if size is None or size < leftover.segment.size:
        return None  # the check and the next start tell what became of it
    file = files.open(path)
    try:
        file.cut(leftover.segment.size)
        file.sync()
    finally:
        file.close()
    return _closed(leftover.segment, leftover.sha256)


def begin(files: Files, volume: Volume, fragment: Fragment, id_: SegmentId) -> SegmentFile:
    """Begin the file of a fragment that a file can begin with, on the volume's own disk and no other.

    Raises:
        NotRecordable: the stream has no place in an MP4 file.
        OSError: the file cannot be made, or another disk lies there.
    """
    heard = fragment.sounds[0].stream if fragment.sounds else None
    muxer = Fmp4Writer(fragment.packets[0], fragment.sound or heard)
    volume.expect_same()
    path = path_of(fragment.camera_id, id_, muxer.base_us)
    folder = (volume.path / path).parent
    files.make_folder(folder)
    volume.expect_on_it(folder)
    width, height = muxer.size
    segment = Segment(
        id=id_,
        camera_id=fragment.camera_id,
        volume_id=volume.known_id,
        path=path,
        start_us=muxer.base_us,
        end_us=muxer.base_us,
        size=0,
        sha256=None,
        codecs=muxer.codecs,
        width=width,
        height=height,
    )
    try:
        return SegmentFile(files, volume.path, muxer, segment, fragment.segment_id)
    except FileNotFoundError:  # it was empty, and retention removed it that very moment
        files.make_folder(folder)
        return SegmentFile(files, volume.path, muxer, segment, fragment.segment_id)


def _closed(segment: Segment, sha256: str) -> Segment:
    return dataclasses.replace(segment, sha256=sha256, state=SegmentState.CLOSED)
