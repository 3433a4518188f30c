"""Where the fragments of files lie, remembered for those that were looked at last."""

import os
import threading
from collections import OrderedDict

from appliance.domain.ids import SegmentId
from appliance.packets.fmp4 import FileLayout, layout_of
from appliance.recordings.playback.footage_file import FootageFile

MOST_LAYOUTS = 2048
"""About a day and a half of one camera; a layout of a minute takes some 10 kB."""


class Layouts:
    """Reads files' layouts, each once for a size; any thread.

    A closed file keeps its size, hence its layout is read once; of one that grows only what has been
    added.
    """

    def __init__(self, most: int = MOST_LAYOUTS) -> None:
        self._most = most
        self._known: OrderedDict[SegmentId, tuple[int, FileLayout]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, file: FootageFile) -> FileLayout:
        """Return where the fragments lie in the synced part of a file; blocks.

        Raises:
            NotFound: the file is not there.
        """
        segment = file.segment
        with self._lock:
            known = self._known.get(segment.id)
            if known is not None and known[0] == segment.size:
                self._known.move_to_end(segment.id)
                return known[1]
        layout = _read(file, None if known is None or known[0] > segment.size else known[1])
        with self._lock:
            self._known[segment.id] = (segment.size, layout)
            self._known.move_to_end(segment.id)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return layout


def _read(file: FootageFile, known: FileLayout | None) -> FileLayout:
    with file.open() as opened:
        number = opened.fileno()
        return layout_of(lambda offset, size: os.pread(number, size, offset), file.segment.size, known)
