import asyncio
import fcntl
import mmap
import os

import numpy as np
import pytest

from appliance.detections.memory import FrameMemories, FrameMemory
from appliance.errors import WorkerLost


def test_pictures_lie_where_they_are_said_to_lie() -> None:
    """Byte for byte, one batch after the other, also when a later one needs more room."""
    memory = FrameMemory()
    try:
        for seed, height in enumerate((30, 9, 900)):
            dice = np.random.default_rng(seed)
            pictures = [
                dice.integers(0, 255, (height, 640), dtype=np.uint8),
                dice.integers(0, 255, (9, 4), dtype=np.uint8),
            ]
            offsets, room = memory.room([one.shape for one in pictures])
            for one, out in zip(pictures, room, strict=True):
                out[:] = one
            with mmap.mmap(memory.descriptor, 0, prot=mmap.PROT_READ) as there:
                for one, offset in zip(pictures, offsets, strict=True):
                    assert there[offset : offset + one.size] == one.tobytes()
    finally:
        memory.close()


def test_a_batch_without_pictures_needs_no_room() -> None:
    """The empty batch is no error."""
    memory = FrameMemory()
    assert memory.room([]) == ([], [])
    memory.close()


def test_nobody_can_cut_the_memory_short() -> None:
    """A worker that did would end the service, which writes into it."""
    memory = FrameMemory()
    memory.room([(900, 640)])
    with pytest.raises(PermissionError):
        os.ftruncate(memory.descriptor, 1)
    assert fcntl.fcntl(memory.descriptor, fcntl.F_GET_SEALS) == fcntl.F_SEAL_SHRINK
    memory.close()


async def test_memory_is_lent_again_after_a_batch() -> None:
    """Fresh pages cost four times the copy."""
    memories = FrameMemories()
    async with memories.lend(lambda: 1) as memory:
        first = memory
    async with memories.lend(lambda: 1) as memory:
        assert memory is first
    await memories.close()


async def test_after_a_failure_the_old_memory_is_left_to_whoever_reads_it() -> None:
    """A worker that still reads a batch never sees it change."""
    memories, readers = FrameMemories(), list[int]()
    with pytest.raises(WorkerLost):
        await fail_with(memories, readers)
    (reader,) = readers
    async with memories.lend(lambda: 1) as memory:
        memory.room([(3, 4)])[1][0][:] = 2
    assert os.pread(reader, 12, 0) == b"\x01" * 12
    os.close(reader)
    await memories.close()


async def test_as_many_are_lent_as_may_be_and_the_next_one_waits() -> None:
    """And who waits hears it when there is nothing to wait for any more."""
    memories, allowed = FrameMemories(), [2]
    async with memories.lend(lambda: allowed[0]), memories.lend(lambda: allowed[0]):
        third = asyncio.create_task(lend_once(memories, allowed))
        await asyncio.sleep(0)
        assert not third.done()
    await third
    allowed[0] = 0
    with pytest.raises(WorkerLost):
        await lend_once(memories, allowed)
    await memories.close()


async def test_given_back_is_what_is_lent_too_as_soon_as_it_comes_back() -> None:
    """Nothing is left of a worker's life, and no descriptor more than before."""
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    memories = FrameMemories()
    async with memories.lend(lambda: 2), memories.lend(lambda: 2):
        closing = asyncio.create_task(memories.close())
        await asyncio.sleep(0)
        assert not closing.done()
    await closing
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


async def fail_with(memories: FrameMemories, readers: list[int]) -> None:
    """Write a batch, let somebody read it, and fail."""
    async with memories.lend(lambda: 1) as memory:
        memory.room([(3, 4)])[1][0][:] = 1
        readers.append(os.dup(memory.descriptor))
        raise WorkerLost("it was late")


async def lend_once(memories: FrameMemories, allowed: list[int]) -> None:
    """Borrow one and give it back; there is none when none is allowed."""

    def most() -> int:
        if not allowed[0]:
            raise WorkerLost("there is no worker")
        return allowed[0]

    async with memories.lend(most):
        pass
