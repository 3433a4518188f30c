"""A running spine with its WebSocket for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.broadcast import Box, box
from tests.support.rows import batch_row, camera_row


@pytest.fixture
async def nightjar(tmp_path: Path) -> AsyncIterator[Box]:
    """A spine whose database holds the camera ``front`` and its open batch ``batch-1``."""
    async with box(tmp_path) as running:
        await running.add(camera_row(), batch_row())
        await running.published()
        yield running
