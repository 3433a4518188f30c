"""Small pictures of keyframes, for scrubbing: made when they are asked for, and kept on the disk."""

import asyncio
import io
import os
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import av
import av.error
import cv2

from appliance.domain.ids import SegmentId
from appliance.domain.time import WallUs
from appliance.errors import NotFound, Overloaded
from appliance.packets.fmp4 import FragmentPlace
from appliance.recordings.playback.catalogue import Catalogue
from appliance.recordings.playback.footage_file import FootageFile
from appliance.recordings.playback.layouts import Layouts
from appliance.recordings.playback.settings import PlaybackSettings
from appliance.runtime.clock import Clock
from appliance.runtime.queue_state import QueueState

FOLDER = "previews"
SWEEP_S = 600.0
_QUALITY = 75
_UNPROBED = {"skip_frame": "all"}
"""FFmpeg decodes pictures to look at what it opens: two thirds of the work, for what nobody asks here."""
_JPEG_BEGIN, _JPEG_END = b"\xff\xd8", b"\xff\xd9"


class Previews:
    """Makes preview pictures on a few threads; use as ``async with``, with ``run`` as a supervised part.

    Args:
        data_dir: in which a folder of their own is made.
        layouts: where the files' keyframes are known from.
        catalogue: knows which segments there still are.
    """

    def __init__(
        self, data_dir: Path, layouts: Layouts, catalogue: Catalogue, clock: Clock, settings: PlaybackSettings
    ) -> None:
        self._layouts = layouts
        self._catalogue = catalogue
        self._clock = clock
        self._settings = settings
        self._shelf = _Shelf(data_dir / FOLDER, settings.previews_bytes)
        self._threads = ThreadPoolExecutor(settings.preview_threads, thread_name_prefix="preview")
        self._asked = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def jpeg(self, file: FootageFile, at_us: WallUs) -> bytes:
        """Return the keyframe at or before a moment as a small JPEG; the file's first one at least.

        Raises:
            NotFound: the file is not there, or its picture cannot be decoded.
            Overloaded: too many pictures wait to be made.
        """
        if self._asked >= self._settings.previews_waiting + self._settings.preview_threads:
            raise Overloaded(f"{self._asked} preview pictures are being made already; try again later")
        self._asked += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._jpeg, file, at_us)
        finally:
            self._asked -= 1

    def queues(self) -> list[QueueState]:
        """Return what waits to be made."""
        most = self._settings.previews_waiting + self._settings.preview_threads
        return [
            QueueState(
                *("previews", "Preview pictures that wait to be made", "pictures", "one more is refused"),
                self._asked,
                most,
            )
        ]

    async def run(self) -> None:
        """Remove pictures of footage that was deleted, now and every ten minutes, until cancelled."""
        while True:
            await self.run_once()
            await self._clock.sleep(SWEEP_S)

    async def run_once(self) -> None:
        """Remove pictures of footage that was deleted."""
        names = await asyncio.to_thread(self._shelf.names)
        of_segment = {name: SegmentId(name.rpartition("-")[0]) for name in names}
        known = await self._catalogue.undeleted(set(of_segment.values()))
        gone = [name for name, segment_id in of_segment.items() if segment_id not in known]
        await asyncio.to_thread(self._shelf.remove, gone)

    def _jpeg(self, file: FootageFile, at_us: WallUs) -> bytes:
        layout = self._layouts.of(file)
        place = _keyframe_before(layout.fragments, at_us - file.segment.start_us)
        if place is None:
            raise NotFound("nothing was recorded at this time")
        name = f"{file.segment.id}-{place.offset:x}.jpg"
        known = self._shelf.read(name)
        if known is not None:
            return known
        made = _picture(_bytes(file, layout.init_size, place), self._settings.preview_width_px)
        self._shelf.write(name, made)
        return made


class _Shelf:
    """A folder of pictures of which the longest unseen ones go when it is full; any thread.

    It is a cache: nothing is synced, and a picture that a crash has left in part is not given out.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        found = sorted(
            ((entry.stat(), entry.name) for entry in os.scandir(folder)), key=lambda e: e[0].st_mtime
        )
        self._sizes = OrderedDict((name, stat.st_size) for stat, name in found)
        self._bytes = sum(self._sizes.values())

    def read(self, name: str) -> bytes | None:
        with self._lock:
            if name not in self._sizes:
                return None
            self._sizes.move_to_end(name)
        try:
            data = (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        return data if data.startswith(_JPEG_BEGIN) and data.endswith(_JPEG_END) else None

    def write(self, name: str, data: bytes) -> None:
        part = self._folder / f"{name}.{threading.get_ident():x}.part"
        try:
            part.write_bytes(data)
            part.replace(self._folder / name)
        except OSError:
            # A full disk costs the cache, not the picture.
            part.unlink(missing_ok=True)
            return
        for old in self._added(name, len(data)):
            (self._folder / old).unlink(missing_ok=True)

    def names(self) -> list[str]:
        with self._lock:
            return list(self._sizes)

    def remove(self, names: list[str]) -> None:
        for name in names:
            with self._lock:
                self._bytes -= self._sizes.pop(name, 0)
            (self._folder / name).unlink(missing_ok=True)

    def _added(self, name: str, size: int) -> list[str]:
        with self._lock:
            self._bytes += size - self._sizes.pop(name, 0)
            self._sizes[name] = size
            gone = []
            while self._bytes > self._most_bytes and len(self._sizes) > 1:
                old, old_size = self._sizes.popitem(last=False)
                self._bytes -= old_size
                gone.append(old)
            return gone


def _keyframe_before(fragments: tuple[FragmentPlace, ...], position_us: int) -> FragmentPlace | None:
    keyframes = [place for place in fragments if place.is_keyframe]
    before = [place for place in keyframes if place.start_us <= position_us]
    return before[-1] if before else keyframes[0] if keyframes else None


def _bytes(file: FootageFile, init_size: int, place: FragmentPlace) -> bytes:
    """Return a file of its own that holds one fragment."""
    with file.open() as opened:
        number = opened.fileno()
        return os.pread(number, init_size, 0) + os.pread(number, place.size, place.offset)


def _picture(data: bytes, width_px: int) -> bytes:
    try:
        with av.open(io.BytesIO(data), "r", format="mp4", options=_UNPROBED) as container:
            video = container.streams.video[0]
            video.codec_context.thread_count = 1
            # The pictures that follow the keyframe are not waited for where the codec could reorder them.
            video.codec_context.skip_frame = "NONINTRA"
            frame = next(container.decode(video))
            width = min(width_px, frame.width)
            height = max(2, round(frame.height * width / frame.width))
            pixels = frame.reformat(width=width, height=height, format="bgr24").to_ndarray()
    except (av.error.FFmpegError, IndexError, StopIteration) as err:
        raise NotFound("the picture of this time cannot be decoded") from err
    done, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert done, "OpenCV encodes any BGR picture as JPEG"
    return coded.tobytes()
