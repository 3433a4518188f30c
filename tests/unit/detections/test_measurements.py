"""The file of measurements, and what may be wrong with it."""

import threading
from pathlib import Path

import pytest

from appliance.detections.measurements import FILE, Measured, Measurement, Measurements
from detectors.reports import Machine, Timing

HERE = Machine("a processor")


def a_measurement(sha256: str = "a") -> Measurement:
    """Return one of a model with that hash."""
    return Measurement(sha256, HERE, (Measured("onnxruntime", (Timing(1, 2.0, 3.0, 500.0),)),))


def test_a_batch_of_none_is_no_measurement(tmp_path: Path) -> None:
    """It is damage like any other: nobody divides by it."""
    measurements = Measurements(tmp_path)
    measurements.keep(a_measurement())
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes().replace(b'"batch": 1', b'"batch": 0'))
    assert measurements.find("a", HERE) is None


def test_damage_is_told_once_for_each_state(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The keeper looks every few seconds, and the log is for people."""
    measurements = Measurements(tmp_path)
    for damage in (b"{", b"[1]"):
        (tmp_path / FILE).write_bytes(damage)
        for _ in range(3):
            assert measurements.all() == ()
    assert len(caplog.records) == 2


def test_two_that_keep_at_once_lose_nothing(tmp_path: Path) -> None:
    """The command line measures while the service does."""
    threads = [
        threading.Thread(target=Measurements(tmp_path).keep, args=(a_measurement(str(number)),))
        for number in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.sha256 for one in Measurements(tmp_path).all()} == {str(number) for number in range(16)}
