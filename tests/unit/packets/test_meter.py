"""Rates over the last seconds."""

import pytest

from appliance.domain.time import MonotonicNs
from appliance.packets.meter import StreamMeter


def fed(meter: StreamMeter, from_s: float, to_s: float, fps: int = 10) -> StreamMeter:
    """Let packets of 1000 bytes come, of which every second one is decoded to 2000 pixels."""
    for i in range(round(from_s * fps), round(to_s * fps)):
        meter.step(MonotonicNs(round(i * 1e9 / fps)), 1000, pixels=i // 2 * 2000)
    return meter


def test_rates_are_those_of_the_last_window() -> None:
    """Pictures, bits and decoded pixels, each a second."""
    rates = fed(StreamMeter(), 0, 12).rates(MonotonicNs(12 * 10**9))
    assert rates is not None
    assert (rates.fps, rates.bitrate_bps) == pytest.approx((10, 80_000), rel=0.03)
    assert rates.pixels_per_s == pytest.approx(10_000, rel=0.05)


def test_nothing_is_said_before_it_is_measured() -> None:
    """A number that could not be measured is absent, not 0."""
    assert fed(StreamMeter(), 0, 4).rates(MonotonicNs(4 * 10**9)) is None


def test_what_is_old_is_said_no_more() -> None:
    """A camera that is gone has no rate; one that comes back is measured anew, without the time between."""
    meter = fed(StreamMeter(), 0, 12)
    assert meter.rates(MonotonicNs(40 * 10**9)) is None
    rates = fed(meter, 60, 72).rates(MonotonicNs(72 * 10**9))
    assert rates is not None
    assert rates.fps == pytest.approx(10, rel=0.03)
