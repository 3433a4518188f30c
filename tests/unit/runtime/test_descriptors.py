"""How many files and connections the process may have open, and what of them is for clients."""

import os
import resource
import subprocess
import sys
from contextlib import ExitStack

import pytest

from appliance.runtime.descriptors import (
    ENOUGH,
    KEPT,
    KEPT_PER_CAMERA,
    MOST_TOLD,
    PER_CONNECTION,
    Descriptors,
    count_open,
    judge,
    room_in,
)
from appliance.runtime.health import Health, Level, PartHealth

RAISED = """
import resource
from appliance.runtime.descriptors import raise_limit

soft, hard = {soft}, {hard}
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
assert raise_limit() == {expected}
assert resource.getrlimit(resource.RLIMIT_NOFILE) == ({expected}, hard)
"""

EXHAUSTED = """
import resource
from appliance.runtime.descriptors import count_open

resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
held = []
try:
    while True:
        held.append(open("/dev/null"))
except OSError:
    assert count_open() is None
held.pop().close()
assert count_open() == 31
"""


def run(script: str) -> None:
    """Run a script in a process of its own: a limit that was lowered is not raised again."""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@pytest.mark.parametrize(
    ("limit", "others", "cameras", "connections", "told"),
    [
        (64, 34, 2, 0, 2),
        (128, 34, 2, 19, 12),
        (256, 34, 2, 73, 32),
        (1024, 160, 64, 208, 32),
        (ENOUGH, 200, 64, 32_444, 32),
        (128, 128, 2, 0, 2),
        (128, 500, 0, 0, 2),
    ],
    ids=["tiny", "small", "middling", "many cameras", "usual", "none left", "lowered while it ran"],
)
def test_clients_get_what_the_rest_leaves(
    limit: int, others: int, cameras: int, connections: int, told: int
) -> None:
    """Nobody, where the recording may need all of it; a few may always come in to be told so."""
    room = room_in(limit, others, cameras)
    assert (room.connections, room.told) == (connections, told)


@pytest.mark.parametrize("limit", range(80, 2000, 37))
@pytest.mark.parametrize("cameras", [0, 1, 7])
def test_what_is_kept_is_never_given_away(limit: int, cameras: int) -> None:
    """With every client there may be, each with a file, and all who are told, the recording has its part."""
    room = room_in(limit, 40, cameras)
    taken = room.connections * PER_CONNECTION + (room.told if room.connections else 0)
    assert limit - 40 - taken >= min(limit - 40, KEPT + KEPT_PER_CAMERA * cameras)
    assert room.told <= MOST_TOLD


def test_a_connection_that_is_open_is_not_counted_twice() -> None:
    """The room is the same, however much of it is taken."""
    held = 40
    descriptors = Descriptors(256, lambda: 1, Health(), lambda: held)
    empty = descriptors.room(0)
    held = 90
    assert descriptors.room(50) == empty


def test_where_none_is_left_nobody_comes_in() -> None:
    """Even to count them takes one."""
    room = Descriptors(256, lambda: 1, Health(), lambda: None).room(50)
    assert room.connections < 50


def test_a_limit_that_is_too_low_is_said_with_what_to_do() -> None:
    """For as many cameras as there are: more of them need more."""
    health, cameras = Health(), 1
    descriptors = Descriptors(256, lambda: cameras, health, lambda: 40)
    descriptors.room(0)
    assert health.parts() == (PartHealth("open files", Level.OK),)
    cameras = 10
    descriptors.room(0)
    [part] = health.parts()
    assert part.level is Level.DEGRADED
    assert "256 files" in part.reason
    assert "10 cameras" in part.reason
    assert "LimitNOFILE=" in part.reason


def test_the_default_of_most_systems_is_enough_for_many_cameras() -> None:
    """1024 are the soft limit nearly everywhere."""
    assert judge(1024, 64) == (Level.OK, "")
    assert judge(128, 2)[0] is Level.DEGRADED


@pytest.mark.parametrize(
    ("soft", "hard", "expected"), [(64, 300, 300), (300, 300, 300)], ids=["low", "as high as it goes"]
)
def test_the_soft_limit_is_raised_to_the_hard_one(soft: int, hard: int, expected: int) -> None:
    """A soft limit is a default that nobody chose for this service."""
    run(RAISED.format(soft=soft, hard=hard, expected=expected))


def test_a_limit_is_not_raised_without_end() -> None:
    """More than enough is left alone."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard <= ENOUGH:
        pytest.skip("this machine allows no more")
    run(RAISED.format(soft=64, hard=hard, expected=ENOUGH))


def test_open_files_are_counted() -> None:
    """Without the one that the counting takes."""
    before = count_open()
    assert before is not None
    with ExitStack() as stack:
        for _ in range(5):
            stack.callback(os.close, os.open("/dev/null", os.O_RDONLY))
        assert count_open() == before + 5
    assert count_open() == before


def test_when_none_is_left_the_counting_says_so() -> None:
    """It raises nothing, and counts again when there is one."""
    run(EXHAUSTED)
