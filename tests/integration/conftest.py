"""What tests over HTTP and over WebSockets have in common."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.two_cameras import Footage, TwoCameras, footage, two_cameras


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    """A file of footage of each camera, made once."""
    return footage(tmp_path_factory.mktemp("footage"))


@pytest.fixture
async def both(tmp_path: Path, files: Footage) -> AsyncIterator[TwoCameras]:
    """A box with everything of two cameras."""
    async with two_cameras(tmp_path, files) as running:
        yield running
