"""Memory without a name, in which frames travel to the worker."""

import asyncio
import os
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

INLINE_BYTES = 1 << 20
"""Up to that much is written at once: 0.2 ms, which is about what a hop to a thread takes."""


class FrameMemory:
    """One ``memfd`` that is written anew for each batch: fresh pages cost four times the copy.

    Nothing of it is left when the processes that hold it have ended. Whoever writes makes sure that nobody
    still reads the batch before, or renews it. Used from the event loop's thread.
    """

    def __init__(self) -> None:
        self._descriptor = os.memfd_create("nightjar-frames", os.MFD_CLOEXEC)
        self._size = 0

    @property
    def descriptor(self) -> int:
        """The file descriptor to pass on."""
        return self._descriptor

    async def write(self, pictures: Sequence[npt.NDArray[np.uint8]]) -> list[int]:
        """Write pictures one after the other and return each one's offset in bytes.

        Takes 0.4 ms for a picture of 1920×1080. Nothing is being written any more when it returns or is
        cancelled.
        """
        sizes = [picture.nbytes for picture in pictures]
        offsets = [sum(sizes[:i]) for i in range(len(sizes))]
        end = sum(sizes)
        if end > self._size:
            os.ftruncate(self._descriptor, end)
            self._size = end
        if end <= INLINE_BYTES:
            _write(self._descriptor, pictures, offsets)
            return offsets
        loop = asyncio.get_running_loop()
        written = loop.run_in_executor(None, _write, self._descriptor, pictures, offsets)
        try:
            await asyncio.shield(written)
        finally:
            await asyncio.wait({written})
        return offsets

    def renew(self) -> None:
        """Take other memory: the worker may still be reading this one."""
        os.close(self._descriptor)
        self._descriptor = os.memfd_create("nightjar-frames", os.MFD_CLOEXEC)
        self._size = 0

    def close(self) -> None:
        """Give it back."""
        os.close(self._descriptor)


def _write(descriptor: int, pictures: Sequence[npt.NDArray[np.uint8]], offsets: Sequence[int]) -> None:
    for picture, offset in zip(pictures, offsets, strict=True):
        data, at = np.ascontiguousarray(picture).data.cast("B"), offset
        while data:
            written = os.pwrite(descriptor, data, at)
            data, at = data[written:], at + written
