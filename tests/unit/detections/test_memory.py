import mmap
import os

import numpy as np
import pytest

from appliance.detections.memory import INLINE_BYTES, FrameMemory


@pytest.mark.parametrize("height", [30, INLINE_BYTES // 640 + 30], ids=["inline", "on a thread"])
async def test_pictures_lie_where_they_are_said_to_lie(height: int) -> None:
    """Byte for byte, small or large, one batch after the other, also from a view that is not contiguous."""
    memory = FrameMemory()
    try:
        for seed in range(3):
            dice = np.random.default_rng(seed)
            wide = dice.integers(0, 255, (height, 1280), dtype=np.uint8)
            pictures = [wide[:, ::2], dice.integers(0, 255, (9, 4), dtype=np.uint8)]
            offsets = await memory.write(pictures)
            with mmap.mmap(memory.descriptor, 0, prot=mmap.PROT_READ) as there:
                for picture, offset in zip(pictures, offsets, strict=True):
                    assert there[offset : offset + picture.size] == picture.tobytes()
    finally:
        memory.close()


async def test_renewed_memory_leaves_the_old_one_to_whoever_reads_it() -> None:
    """A worker that still reads a batch never sees it change."""
    memory = FrameMemory()
    await memory.write([np.full((3, 4), 1, np.uint8)])
    reader = os.dup(memory.descriptor)
    memory.renew()
    await memory.write([np.full((3, 4), 2, np.uint8)])
    assert os.pread(reader, 12, 0) == b"\x01" * 12
    os.close(reader)
    memory.close()
