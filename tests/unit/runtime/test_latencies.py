"""How long something took of late."""

from appliance.runtime.latencies import Latencies, spread_of
from tests.support.clock import SimulatedClock


def test_half_and_ninety_nine_of_a_hundred_took_no_longer() -> None:
    """Of a hundred durations the 50th and the 99th; one alone is both."""
    spread = spread_of([n / 1000 for n in range(1, 101)])
    assert spread is not None
    assert (spread.count, spread.p50_s, spread.p99_s, spread.longest_s) == (100, 0.05, 0.099, 0.1)
    alone = spread_of([2.0])
    assert alone is not None
    assert (alone.p50_s, alone.p99_s) == (2.0, 2.0)


async def test_only_what_ended_lately_counts() -> None:
    """And of a while in which nothing happened nothing is told, not 0."""
    clock = SimulatedClock()
    latencies = Latencies(clock)
    assert latencies.within(60) is None
    latencies.add(1.0)
    await clock.advance(50)
    latencies.add(3.0)
    first, later = latencies.within(60), latencies.within(20)
    assert first is not None
    assert later is not None
    assert (first.count, later.count, later.p50_s) == (2, 1, 3.0)
    await clock.advance(100)
    assert latencies.within(60) is None
