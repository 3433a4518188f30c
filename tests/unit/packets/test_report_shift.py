"""Time stamps that jump with the first sender report, and ones that do not."""

from collections.abc import Sequence

import pytest

from appliance.packets.pts import RawPacket
from appliance.packets.report_shift import ReportShift

TICKS = 3600
"""One picture at 25 in a second."""


def undone(stamps: Sequence[int | None], reported_from: int) -> list[int | None]:
    """Return the time stamps that are left; from that packet on the sender has reported."""
    shift = ReportShift(TICKS)
    packets = [
        RawPacket(b"", pts, pts, False, sender_us=1 if i >= reported_from else None)
        for i, pts in enumerate(stamps)
    ]
    found = [shift.undone(packet) for packet in packets]
    assert [packet.dts for packet in found] == [packet.pts for packet in found]
    return [packet.pts for packet in found]


@pytest.mark.parametrize(
    ("jump", "before"),
    [(-130_000, 2), (90_000, 2), (7_000_000, 2), (-130_000, 50), (-7200, 50), (7200, 50), (90_000, 50)],
)
@pytest.mark.parametrize("later", [0, 1, 2])
def test_a_jump_at_the_first_report_is_taken_out(jump: int, before: int, later: int) -> None:
    """The sound began before the pictures, or after them; at the camera nothing has happened."""
    stamps = [i * TICKS + (jump if i >= before + later else 0) for i in range(100)]
    assert undone(stamps, before) == [i * TICKS for i in range(100)]


def test_a_first_time_stamp_that_comes_with_a_report_is_believed() -> None:
    """There is nothing yet that it could have jumped from."""
    assert undone([None, 5, 5 + TICKS], 1) == [None, 5, 5 + TICKS]


def test_a_jump_back_is_known_without_a_step_before_it() -> None:
    """Pictures do not go back so far by themselves."""
    assert undone([90_000, 0, TICKS], 1) == [90_000, 90_000 + TICKS, 90_000 + 2 * TICKS]


@pytest.mark.parametrize("step", [TICKS, 2 * TICKS])
def test_time_stamps_that_go_on_are_left_alone(step: int) -> None:
    """A picture that was lost just there, too."""
    stamps = [0, TICKS, 2 * TICKS, 2 * TICKS + step]
    assert undone(stamps, 3) == stamps


def test_pictures_in_coded_order_are_left_alone() -> None:
    """With B-frames every third step goes ahead, and the others back."""
    stamps = [(i + (2 if i % 3 == 0 else -1)) * TICKS for i in range(60)]
    for reported_from in range(60):
        assert undone(stamps, reported_from) == stamps


def test_a_session_of_pictures_alone_is_left_alone() -> None:
    """There is no other stream to be brought together with."""
    shift = ReportShift(TICKS, is_alone=True)
    stamps = [0, TICKS, 2 * TICKS, 900_000]
    packets = [RawPacket(b"", pts, pts, False, sender_us=1 if pts == 900_000 else None) for pts in stamps]
    assert [shift.undone(packet).pts for packet in packets] == stamps


def test_a_jump_elsewhere_is_left_to_others() -> None:
    """The camera's own, before the first report or long after it: they begin a new run of its clock."""
    stamps = [0, TICKS, 900_000, 900_000 + TICKS, 900_000 + 2 * TICKS, *range(0, 8 * TICKS, TICKS), 900_000]
    assert undone(stamps, 100) == stamps
    steady = [i * TICKS for i in range(10)]
    assert undone([*steady, *stamps], 2) == [*steady, *stamps]
