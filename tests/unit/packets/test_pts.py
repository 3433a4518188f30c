"""Packets without a presentation time."""

import pytest

from appliance.packets.pts import PtsRepair, RawPacket


def repaired(stamps: list[tuple[int | None, int | None]]) -> list[int]:
    """Return the presentation times that packets with these (pts, dts) get."""
    repair = PtsRepair(interval_ticks=10)
    ready = [pts for p, d in stamps for _, pts in repair.feed(RawPacket(b"x", p, d, is_keyframe=True))]
    return ready + [pts for _, pts in repair.flush()]


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        ([], []),
        ([(0, 0), (10, 10)], [0, 10]),
        ([(None, None), (10, 10), (20, 20), (30, 30)], [0, 10, 20, 30]),
        ([(None, None), (40, None), (10, 10), (20, 20)], [0, 40, 10, 20]),
        ([(None, None), (None, None), (70, 0), (60, 0), (80, 0)], [40, 50, 70, 60, 80]),
        ([(None, None), (10, 10)], [0, 10]),
        ([(0, 0), (None, 10), (20, 20)], [0, 10, 20]),
        ([(0, 0), (None, None), (20, 20)], [0, 10, 20]),
        ([(None, None)] * 13, [10 * i for i in range(13)]),
        ([(None, 5)] * 2, [0, 10]),
    ],
)
def test_every_packet_gets_a_time_that_fits_its_neighbours(
    stamps: list[tuple[int | None, int | None]], expected: list[int]
) -> None:
    """Libav's first RTSP packet has none; with B-frames the second one is not the next one."""
    assert repaired(stamps) == expected


@pytest.mark.parametrize(
    ("came_ms", "expected_ms"),
    [
        ([500, 501, 502, 503], [203, 303, 403, 503]),
        ([100, 200, 300, 400], [100, 200, 300, 400]),
        ([100, 450, 451, 452], [100, 252, 352, 452]),
    ],
)
def test_packets_that_were_held_back_came_when_they_were_due(
    came_ms: list[int], expected_ms: list[int]
) -> None:
    """A camera's run is anchored at its first packet: what libav kept to itself must not shift the clock."""
    repair = PtsRepair(interval_ticks=10, interval_ns=100_000_000)
    stamps = [None, 10, 20, 30]
    ready = [
        raw
        for ms, pts in zip(came_ms, stamps, strict=True)
        for raw, _ in repair.feed(
            RawPacket(b"x", pts, pts, is_keyframe=True, arrived_ns=ms * 1_000_000, wall_us=ms * 1000)
        )
    ]
    assert [raw.arrived_ns // 1_000_000 for raw in ready] == expected_ms
    assert [raw.wall_us // 1000 for raw in ready] == expected_ms
