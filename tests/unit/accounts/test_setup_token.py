"""The setup token: for half an hour, once, and for who can read the file."""

import stat
from pathlib import Path

import pytest

from appliance.accounts.setup_token import FILE, LASTS_S, SetupToken, read
from appliance.errors import NotFound, Refused
from appliance.runtime.clock import SystemClock
from tests.support.clock import SimulatedClock


def test_it_lies_in_a_file_of_its_owner_alone(tmp_path: Path) -> None:
    """And is what the command prints."""
    setup = SetupToken(tmp_path, SimulatedClock())
    token = setup.make()
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert read(tmp_path, SystemClock()) == token
    setup.expect(token)


def test_each_run_has_another_one(tmp_path: Path) -> None:
    """That of a former run counts no more."""
    former = SetupToken(tmp_path, SimulatedClock()).make()
    setup = SetupToken(tmp_path, SimulatedClock())
    token = setup.make()
    assert token != former
    with pytest.raises(Refused):
        setup.expect(former)


@pytest.mark.parametrize("token", ["", "x", "ü"])
def test_another_one_is_refused(tmp_path: Path, token: str) -> None:
    """With the line that helps."""
    setup = SetupToken(tmp_path, SimulatedClock())
    setup.make()
    with pytest.raises(Refused, match="nightjar setup-token"):
        setup.expect(token)


@pytest.mark.parametrize("step_s", [-86_400, 86_400])
async def test_its_half_hour_is_that_of_the_monotonic_clock(tmp_path: Path, step_s: float) -> None:
    """A clock that is set meanwhile neither ends it nor lets it live on."""
    clock = SimulatedClock()
    setup = SetupToken(tmp_path, clock)
    token = setup.make()
    clock.step_wall(step_s)
    await clock.advance(LASTS_S - 1)
    setup.expect(token)
    await clock.advance(1)
    with pytest.raises(Refused, match="expired"):
        setup.expect(token)


def test_once_it_is_used_it_is_gone(tmp_path: Path) -> None:
    """With its file."""
    setup = SetupToken(tmp_path, SimulatedClock())
    token = setup.make()
    setup.forget()
    setup.forget()
    assert not (tmp_path / FILE).exists()
    with pytest.raises(Refused):
        setup.expect(token)
    with pytest.raises(NotFound, match="claimed"):
        read(tmp_path, SystemClock())


def test_one_that_a_killed_service_left_is_not_printed(tmp_path: Path) -> None:
    """It would not be taken."""
    SetupToken(tmp_path, SimulatedClock()).make()
    later = SimulatedClock(wall_us=SystemClock().wall_us() + round((LASTS_S + 5) * 1_000_000))
    with pytest.raises(NotFound, match="expired"):
        read(tmp_path, later)
