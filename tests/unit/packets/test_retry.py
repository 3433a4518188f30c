"""How long a reader waits after which failure."""

import random
from itertools import pairwise

import pytest

from appliance.domain.camera import CameraState
from appliance.packets.retry import Retry, state_after
from appliance.packets.settings import Settings


def retry(seed: int = 1) -> Retry:
    """Return a retry with reproducible jitter."""
    return Retry(Settings(), random.Random(seed))


def test_failures_are_tried_again_ever_more_slowly() -> None:
    """1 s, doubled up to 30 s, each with jitter in its upper half."""
    usual = retry()
    waits = [usual.wait_s("refused") for _ in range(8)]
    for wait, step in zip(waits, [1, 2, 4, 8, 16, 30, 30, 30], strict=True):
        assert step / 2 <= wait <= step


def test_only_a_stable_connection_forgets_the_failures() -> None:
    """A camera that hangs up at once is not hammered."""
    flapping = retry()
    for _ in range(6):
        flapping.wait_s("ended")
        flapping.worked(0.5)
    assert flapping.wait_s("ended") >= 15
    flapping.worked(60.0)
    assert flapping.wait_s("ended") <= 1


@pytest.mark.parametrize("seed", range(20))
def test_refused_credentials_are_not_hammered(seed: int) -> None:
    """F11: three attempts in the first minute, then one a minute at most, up to fifteen minutes apart."""
    refused = retry(seed)
    attempts = [0.0]
    for _ in range(12):
        attempts.append(attempts[-1] + refused.wait_s("unauthorized"))
    gaps = [b - a for a, b in pairwise(attempts[2:])]
    assert sum(at < 60 for at in attempts) == 3
    assert min(gaps) >= 60
    assert 450 <= max(gaps) <= 900


def test_another_failure_in_between_does_not_speed_refusals_up() -> None:
    """A camera that reboots while its password is wrong still counts the attempts."""
    refused = retry()
    for _ in range(4):
        refused.wait_s("unauthorized")
    assert refused.wait_s("timeout") >= 60
    assert refused.wait_s("unauthorized") >= 60
    refused.worked(1.0)
    assert refused.wait_s("unauthorized") <= 20


@pytest.mark.parametrize("seed", range(20))
def test_a_camera_without_a_session_to_spare_is_asked_again_every_few_seconds(seed: int) -> None:
    """F12: a ghost of 60 s is found gone within 5 s of its end, so that 65 s are never passed."""
    busy = retry(seed)
    attempts = [0.0]
    while attempts[-1] < 300:
        attempts.append(attempts[-1] + busy.wait_s("busy"))
    assert max(b - a for a, b in pairwise(attempts)) <= 5
    assert len(attempts) <= 125


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("dns", CameraState.OFFLINE),
        ("refused", CameraState.OFFLINE),
        ("timeout", CameraState.OFFLINE),
        ("not_found", CameraState.OFFLINE),
        ("busy", CameraState.OFFLINE),
        ("protocol", CameraState.OFFLINE),
        ("ended", CameraState.OFFLINE),
        ("unauthorized", CameraState.AUTH_FAILED),
        ("no_video", CameraState.NO_VIDEO),
        ("codec", CameraState.NO_VIDEO),
    ],
)
def test_each_kind_of_failure_has_its_state(kind: str, state: CameraState) -> None:
    """Two kinds are for the owner to mend, and have a state of their own."""
    assert state_after(kind) is state
