"""A running web server for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.web import WebBox, web_box


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[WebBox]:
    """A web server on a database without rows."""
    async with web_box(tmp_path) as running:
        yield running
