"""A short run of the fuzzer; the long one is ``make soak NAME=fuzz``."""

import pytest

from tests.support.fuzzing import fuzz

pytestmark = pytest.mark.system

SECONDS = 25.0


def test_damaged_cameras_end_no_process_and_hang_no_thread() -> None:
    """F4 to F6: descriptions, answers and packets: pictures or a named failure, within the deadlines."""
    report = fuzz(1, SECONDS)
    assert report.findings == []
    assert report.cases >= 20, report.outcomes
    assert len(report.outcomes) >= 3, report.outcomes
