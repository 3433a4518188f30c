"""What the kernel says of the wall clock."""

import pytest

from appliance.runtime.kernel_clock import is_synchronised, said_synchronised


@pytest.mark.parametrize(
    ("state", "status", "expected"),
    [(0, 0x2001, True), (1, 0, True), (5, 0x40, False), (0, 0x40, False), (5, 0, False), (-1, 0, False)],
)
def test_only_a_plain_yes_is_one(state: int, status: int, expected: bool) -> None:
    """A leap second ahead is no doubt; an error and an unsynchronised clock are."""
    assert said_synchronised(state, status) is expected


def test_this_machine_can_be_asked() -> None:
    """Whatever it answers: the same twice."""
    assert is_synchronised() is is_synchronised()
