"""One real-time run of the real appliance, which several tests look at."""

import asyncio

import pytest

from tests.support.street_run import StreetRun, street_run_in


@pytest.fixture(scope="session")
def street_run(tmp_path_factory: pytest.TempPathFactory) -> StreetRun:
    """What a service saw and said of a clip of the demo street."""
    return asyncio.run(street_run_in(tmp_path_factory.mktemp("street")))
