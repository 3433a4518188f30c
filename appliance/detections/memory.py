"""Memory without a name, in which pictures travel to the worker."""

import asyncio
import contextlib
import fcntl
import mmap
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import numpy as np
import numpy.typing as npt

Shape = tuple[int, int]
"""Rows and columns of uint8."""


class FrameMemory:
    """One ``memfd`` that is written anew for each batch: fresh pages cost four times the copy.

    Nothing of it is left when the processes that hold it have ended. Whoever writes makes sure that nobody
    still reads the batch before.
    """

    def __init__(self) -> None:
        self._descriptor = os.memfd_create("nightjar-frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        # A worker that cuts it short would end whoever writes into it with SIGBUS.
        fcntl.fcntl(self._descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
        self._map: mmap.mmap | None = None

    @property
    def descriptor(self) -> int:
        """The file descriptor to pass on."""
        return self._descriptor

    def room(self, shapes: Sequence[Shape]) -> tuple[list[int], list[npt.NDArray[np.uint8]]]:
        """Return room for pictures of these shapes, one after the other: each one's offset in bytes, and it.

        What is written there is what the worker reads.

        Raises:
            OSError: the machine has no memory left.
        """
        sizes = [rows * columns for rows, columns in shapes]
        offsets = [sum(sizes[:i]) for i in range(len(sizes))]
        there = self._mapped(sum(sizes))
        return offsets, [
            np.frombuffer(there, np.uint8, size, offset).reshape(shape)
            for offset, size, shape in zip(offsets, sizes, shapes, strict=True)
        ]

    def close(self) -> None:
        """Give it back."""
        os.close(self._descriptor)
        self._let_go()

    def _mapped(self, size: int) -> mmap.mmap:
        if self._map is None or len(self._map) < size:
            self._let_go()
            os.posix_fallocate(self._descriptor, 0, max(1, size))
            self._map = mmap.mmap(self._descriptor, max(1, size))
        return self._map

    def _let_go(self) -> None:
        """Give back the mapping, which has a descriptor of its own, without waiting for the collector."""
        there, self._map = self._map, None
        if there is not None:
            with contextlib.suppress(BufferError):  # an array lies in it yet: it goes with the last of them
                there.close()


class FrameMemories:
    """Lends a memory to each batch under way. Used from the event loop's thread alone."""

    def __init__(self) -> None:
        self._free: list[FrameMemory] = []
        self._lent = 0
        self._returned = asyncio.Event()

    @asynccontextmanager
    async def lend(self, most: Callable[[], int]) -> AsyncIterator[FrameMemory]:
        """Lend one; it is lent again afterwards, unless the block fails: then it may still be read.

        Args:
            most: how many may be lent at once, asked until there is one.
        """
        while self._lent >= (limit := most()):
            await self._return()
        memory = self._free.pop() if self._free else FrameMemory()
        self._lent += 1
        try:
            yield memory
        except BaseException:
            memory.close()
            raise
        else:
            self._keep(memory, limit)
        finally:
            self._lent -= 1
            self._returned.set()

    async def close(self) -> None:
        """Give all back, as soon as nothing is lent; what is lent later is new."""
        while self._lent:
            await self._return()
        while self._free:
            self._free.pop().close()

    def _keep(self, memory: FrameMemory, most: int) -> None:
        if len(self._free) < most:
            self._free.append(memory)
        else:
            memory.close()

    async def _return(self) -> None:
        self._returned.clear()
        await self._returned.wait()
