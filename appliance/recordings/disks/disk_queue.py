"""The queue in front of a disk: bounded in bytes; when it is full the oldest GOPs of it are dropped."""

import threading
from collections import Counter, deque
from dataclasses import dataclass

from appliance.domain.ids import CameraId
from appliance.recordings.fragment import Fragment


@dataclass(slots=True)
class Waiting:
    """A fragment that waits, or the wish to end a camera's file.

    Attributes:
        fragment: ``None`` ends the file.
        is_after_gap: what came before it was dropped, so that it begins another file.
    """

    camera_id: CameraId
    fragment: Fragment | None
    is_after_gap: bool = False

    @property
    def size(self) -> int:
        """Bytes that it holds in memory."""
        return self.fragment.size if self.fragment is not None else 0


class DiskQueue:
    """Takes fragments from the cameras' threads and gives them to the disk's; never blocks.

    Args:
        most_bytes: that wait at most; a fragment larger than that alone waits all the same.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._items: deque[Waiting] = deque()
        self._bytes = 0
        self._cut_off: set[CameraId] = set()
        self._ended: set[CameraId] = set()
        self._waiting: Counter[CameraId] = Counter()
        self._lock = threading.Lock()

    @property
    def waiting_bytes(self) -> int:
        """Bytes that wait."""
        return self._bytes

    def holds(self, camera_id: CameraId) -> bool:
        """Return whether a fragment of a camera waits."""
        with self._lock:
            return self._waiting[camera_id] > 0

    def put(self, fragment: Fragment) -> list[Fragment]:
        """Add a fragment, and return those that had to be dropped for it, in order; maybe it is one of them.

        What is dropped of a camera reaches to its next keyframe, so that what is kept can be played.
        """
        camera_id = fragment.camera_id
        with self._lock:
            if camera_id in self._cut_off and not fragment.is_gop_start:
                return [fragment]
            self._add(Waiting(camera_id, fragment, is_after_gap=camera_id in self._cut_off))
            self._cut_off.discard(camera_id)
            self._ended.discard(camera_id)
            dropped: list[Fragment] = []
            while self._bytes > self._most_bytes and self._waiting.total() > 1:
                dropped += self._drop_oldest()
            return dropped

    def end(self, camera_id: CameraId) -> None:
        """Ask for the end of a camera's file, after what waits of it."""
        with self._lock:
            if camera_id not in self._ended:
                self._items.append(Waiting(camera_id, None))
                self._ended.add(camera_id)

    def take(self) -> Waiting | None:
        """Return what is next, or ``None`` when nothing waits."""
        with self._lock:
            if not self._items:
                return None
            item = self._items.popleft()
            self._count(item, -1)
            return item

    def _add(self, item: Waiting) -> None:
        self._items.append(item)
        self._count(item, +1)

    def _count(self, item: Waiting, sign: int) -> None:
        if item.fragment is not None:
            self._bytes += sign * item.size
            self._waiting[item.camera_id] += sign
            if not self._waiting[item.camera_id]:
                del self._waiting[item.camera_id]

    def _drop_oldest(self) -> list[Fragment]:
        """Drop the oldest fragment and what follows it of its camera up to the next keyframe."""
        camera_id = next(item.camera_id for item in self._items if item.fragment is not None)
        dropped: list[Fragment] = []
        kept: deque[Waiting] = deque()
        last: Waiting | None = None
        is_dropping = True
        for item in self._items:
            if item.camera_id != camera_id:
                kept.append(item)
                continue
            if is_dropping and item.fragment is not None:
                if not (dropped and item.fragment.is_gop_start):
                    dropped.append(item.fragment)
                    self._count(item, -1)
                    continue
                is_dropping = False
                item.is_after_gap = True
            if item.fragment is not None or last is None or last.fragment is not None:
                kept.append(item)  # one end of a file after the other is one
            last = item
        self._items = kept
        if is_dropping:
            self._cut_off.add(camera_id)
        return dropped
