"""Cuts a server's endless ``multipart/x-mixed-replace`` answer into its parts, in bounded memory."""

from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.domain.time import MonotonicNs, WallUs
from appliance.runtime.clock import Clock

LARGEST_PART_BYTES = 16 * 1024 * 1024
"""More than any camera's picture: one of 8K at the best quality has about 10 MB."""

_LONGEST_LINE_BYTES = 4096
_MOST_LINES = 64
_PIECE_BYTES = 65_536


class PartError(Exception):
    """The answer is no multipart as RFC 2046 has it, or a part is too large; what it is follows "it "."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the answer.

    Attributes:
        data: its body.
        arrived_ns: when its body began to arrive, on the monotonic clock.
        wall_us: the wall clock at that moment.
    """

    data: bytes = field(repr=False)
    arrived_ns: MonotonicNs
    wall_us: WallUs


class Parts:
    """Reads part after part; used on one thread, which blocks as long as ``read`` does.

    What separates the parts is learned from the first line that can be it: cameras declare a boundary with
    and without its leading dashes, or another one than they send. A part without ``Content-Length`` is
    complete only when the separator after it has come, which with some cameras is one picture later; its
    times are those of its own arrival all the same.

    Args:
        read: returns some bytes, at most as many as it is asked for, and none at the end.
        boundary: as declared.
    """

    def __init__(self, read: Callable[[int], bytes], boundary: str, clock: Clock) -> None:
        self._read = read
        self._declared = boundary.encode("latin-1", "replace")
        self._clock = clock
        self._buffer = bytearray()
        self._separator = b""
        self._is_separated = False

    def next(self) -> Part | None:
        """Return the next part, or ``None`` at the end of the answer.

        Raises:
            PartError: this is no multipart, or a part has more than 16 MiB.
        """
        try:
            return self._next()
        except EOFError:
            return None

    def _next(self) -> Part | None:
        if self._find_separator():
            return None
        length = self._length()
        self._check(length or 0, LARGEST_PART_BYTES)
        if not self._buffer:
            self._fill()
        arrived_ns, wall_us = self._clock.monotonic_ns(), self._clock.wall_us()
        if length is None:
            data = self._until(b"\n" + self._separator).removesuffix(b"\r")
        else:
            data = self._exactly(length)
        self._is_separated = length is None
        return Part(data, arrived_ns, wall_us)

    def _find_separator(self) -> bool:
        """Leave what stands before the next part behind; return whether this separator is the last one."""
        if not self._separator:
            self._find_first_separator()
            return False
        if not self._is_separated:
            self._until(self._separator)
        return self._line().startswith(b"--")

    def _find_first_separator(self) -> None:
        """Leave what stands before the first separator behind; its own line is read to its end."""
        for _ in range(_MOST_LINES):
            line = self._line()
            if line.startswith(b"--") or (line and line == self._declared):
                self._separator = line
                return
        raise PartError("sends no line that separates one picture from the next")

    def _length(self) -> int | None:
        """Read a part's header; return the length that it announces."""
        length = None
        for _ in range(_MOST_LINES):
            line = self._line()
            if not line:
                return length
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value.strip()[:20])
        raise PartError(f"sends more than {_MOST_LINES} lines of header before a picture")

    def _line(self) -> bytes:
        """Take a line, without its end and the blanks before it."""
        return self._until(b"\n", _LONGEST_LINE_BYTES).rstrip()

    def _until(self, mark: bytes, limit: int = LARGEST_PART_BYTES) -> bytes:
        """Take what comes before the mark, and the mark itself."""
        looked = 0
        while (at := self._buffer.find(mark, looked)) < 0:
            looked = max(0, len(self._buffer) - len(mark) + 1)
            self._check(looked, limit)
            self._fill()
        self._check(at, limit)
        return self._take(at, len(mark))

    def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._fill()
        return self._take(count)

    def _take(self, count: int, dropped: int = 0) -> bytes:
        taken = bytes(memoryview(self._buffer)[:count])
        del self._buffer[: count + dropped]
        return taken

    def _check(self, count: int, limit: int) -> None:
        if count <= limit:
            return
        if limit == LARGEST_PART_BYTES:
            raise PartError(f"sends a picture of more than {LARGEST_PART_BYTES // 1024**2} MiB")
        raise PartError(f"sends a line of more than {limit} bytes where one of a header is due")

    def _fill(self) -> None:
        piece = self._read(_PIECE_BYTES)
        if not piece:
            raise EOFError
        self._buffer += piece
