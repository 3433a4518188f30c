"""How long logins and tokens hold, by a clock that nobody can step."""

from pathlib import Path

import pytest

from appliance.accounts.logins import From, Login
from appliance.accounts.steady_time import SteadyTime
from appliance.domain.access import Role, Scope
from appliance.domain.ids import UserId
from appliance.domain.time import EARLIEST_US, US_PER_S, WallUs, wall_after
from appliance.errors import LoginNeeded, Refused, Throttled
from appliance.store.users import Asker
from tests.support.accounts import PASSWORD, Known, known_in
from tests.support.clock import SimulatedClock

START_US = WallUs(EARLIEST_US + 86_400 * US_PER_S)
DAY_S = 86_400.0
HERE = From("192.0.2.7", "Fox")
STEPS = [-400 * DAY_S, -3600.0, 5.0, 3600.0, 400 * DAY_S]


def clock_at() -> SimulatedClock:
    """Return a clock that was set."""
    return SimulatedClock(wall_us=START_US)


async def claimed(known: Known) -> Login:
    """Claim the box as Ann."""
    return await known.access.logins.claim("Ann", PASSWORD, None, HERE)


async def is_in(known: Known, login: Login) -> bool:
    """Return whether a session holds."""
    return await known.access.accounts.by_session(login.secret) is not None


async def used_daily(known: Known, clock: SimulatedClock, login: Login, days: int) -> bool:
    """Return whether a session that is used each day still holds after some."""
    for _ in range(days):
        await clock.advance(DAY_S)
        if not await is_in(known, login):
            return False
    return True


@pytest.mark.parametrize("step_s", STEPS)
async def test_an_idle_session_ends_after_a_week_whatever_the_clock_does(
    tmp_path: Path, step_s: float
) -> None:
    """To within five seconds: a clock that is set neither ends it nor lets it live on."""
    clock = clock_at()
    async with known_in(tmp_path, clock, is_local=True) as known:
        login = await claimed(known)
        clock.step_wall(step_s)
        assert await is_in(known, login)
        await clock.advance(7 * DAY_S - 5)
        assert await is_in(known, login)
        clock.step_wall(-step_s)
        await clock.advance(7 * DAY_S + 5)
        assert not await is_in(known, login)


@pytest.mark.parametrize("step_s", STEPS)
async def test_no_session_lasts_longer_than_thirty_days(tmp_path: Path, step_s: float) -> None:
    """However much it is used, and whatever the clock does."""
    clock = clock_at()
    async with known_in(tmp_path, clock, is_local=True) as known:
        login = await claimed(known)
        clock.step_wall(step_s)
        assert await used_daily(known, clock, login, 29)
        await clock.advance(DAY_S - 5)
        assert await is_in(known, login)
        await clock.advance(10)
        assert not await is_in(known, login)


async def test_a_box_that_learns_the_time_after_its_start_takes_it(tmp_path: Path) -> None:
    """Without a battery it begins in 1970; what began then is over once the time is known."""
    clock = SimulatedClock(wall_us=1_000 * US_PER_S)
    async with known_in(tmp_path, clock, is_local=True) as known:
        early = await claimed(known)
        assert await is_in(known, early)
        clock.step_wall(START_US / US_PER_S)
        assert not await is_in(known, early)
        late = await known.access.logins.login("Ann", PASSWORD, HERE)
        clock.step_wall(-40 * DAY_S)
        assert await is_in(known, late)


def test_the_steady_time_goes_on_by_the_monotonic_clock() -> None:
    """From the wall clock at the start."""
    clock = clock_at()
    time = SteadyTime(clock)
    clock.step_wall(1e6)
    assert time.now_us() == START_US


async def test_use_is_written_down_and_counts_after_a_restart(tmp_path: Path) -> None:
    """A session that was used yesterday is not idle since its login."""
    clock = clock_at()
    async with known_in(tmp_path, clock, is_local=True) as known:
        login = await claimed(known)
        await clock.advance(6 * DAY_S)
        assert await is_in(known, login)
    async with known_in(tmp_path, clock) as known:
        await clock.advance(6 * DAY_S)
        assert await is_in(known, login)
        (row,) = await known.access.users.sessions(None)
        assert row.seen_us == wall_after(START_US, 6 * DAY_S)


async def test_what_is_over_is_deleted_and_told(tmp_path: Path) -> None:
    """Once a minute; what is open of it is closed."""
    clock = clock_at()
    async with known_in(tmp_path, clock, is_local=True) as known:
        login = await claimed(known)
        await clock.advance(8 * DAY_S)
        await known.access.accounts.run_once()
        assert await known.access.users.sessions(None) == []
        assert known.doors.told[-1] == ("session", login.caller.id)
        assert not await is_in(known, login)


@pytest.mark.parametrize("step_s", STEPS)
async def test_a_token_ends_at_its_time_whatever_the_clock_does(tmp_path: Path, step_s: float) -> None:
    """As a session does."""
    clock = clock_at()
    async with known_in(tmp_path, clock, is_local=True) as known:
        login = await claimed(known)
        made = await known.access.users.add_token(
            UserId(login.caller.user_id), "b", Scope.READ, None, wall_after(START_US, 100)
        )
        clock.step_wall(step_s)
        await clock.advance(95)
        assert await known.access.accounts.by_token(made.secret) is not None
        await clock.advance(6)
        assert await known.access.accounts.by_token(made.secret) is None


@pytest.mark.parametrize("step_s", STEPS)
async def test_setting_the_clock_gives_no_tries(tmp_path: Path, step_s: float) -> None:
    """Nor does it take any: they come back with the time that has passed."""
    clock = clock_at()
    async with known_in(tmp_path, clock, is_local=True) as known:
        await claimed(known)
        for _ in range(10):
            with pytest.raises(Exception, match="wrong"):
                await known.access.logins.login("Ann", "wrong wrong", HERE)
        clock.step_wall(step_s)
        with pytest.raises(Throttled) as caught:
            await known.access.logins.login("Ann", PASSWORD, HERE)
        assert caught.value.after_s == 60
        await clock.advance(60)
        await known.access.logins.login("Ann", PASSWORD, HERE)


async def test_an_address_is_slowed_down_whatever_names_it_tries(tmp_path: Path) -> None:
    """Another address is not concerned."""
    clock = clock_at()
    async with known_in(tmp_path, clock, is_local=True) as known:
        await claimed(known)
        for number in range(10):
            with pytest.raises(Exception, match="wrong"):
                await known.access.logins.login(f"name {number}", "wrong wrong", HERE)
        with pytest.raises(Throttled) as caught:
            await known.access.logins.login("Ann", PASSWORD, HERE)
        assert caught.value.after_s == 30
        await known.access.logins.login("Ann", PASSWORD, From("192.0.2.8", ""))


async def test_a_password_that_changed_meanwhile_lets_nobody_in(tmp_path: Path) -> None:
    """The old one was right when it was looked at, and is not when the session begins."""
    clock = clock_at()
    async with known_in(tmp_path, clock, is_local=True) as known:
        login = await claimed(known)
        user_id, asker = UserId(login.caller.user_id), Asker(login.caller.id)
        users, passwords = known.access.users, known.access.passwords
        looked = passwords.fits

        async def slowly(password: str, kept: str | None) -> bool:
            found = await looked(password, kept)
            await users.change(user_id, {}, "another horse battery", asker)
            return found

        passwords.fits = slowly  # type: ignore[method-assign]
        with pytest.raises(Exception, match="wrong"):
            await known.access.logins.login("Ann", PASSWORD, HERE)
        assert [row.id for row in await users.sessions(None)] == [login.caller.id]


async def test_two_admins_who_demote_each_other_leave_one(tmp_path: Path) -> None:
    """Each change is looked at where it is made, one after the other."""
    async with known_in(tmp_path, clock_at(), is_local=True) as known:
        ann = await claimed(known)
        asker, users = Asker(ann.caller.id), known.access.users
        bob = await users.add("Bob", PASSWORD, Role.ADMIN, None, asker)
        await users.change(bob.id, {"role": "viewer"}, None, asker)
        with pytest.raises(Exception, match="last admin"):
            await users.change(UserId(ann.caller.user_id), {"role": "viewer"}, None, asker)


async def test_who_loses_the_right_while_a_password_is_hashed_changes_nothing(tmp_path: Path) -> None:
    """By a session as by a token: the change is looked at once more where it is made."""
    async with known_in(tmp_path, clock_at(), is_local=True) as known:
        ann, users, passwords = await claimed(known), known.access.users, known.access.passwords
        chief = Asker(ann.caller.id)
        bob = await users.add("Bob", PASSWORD, Role.ADMIN, None, chief)
        session = Asker((await known.access.logins.login("Bob", PASSWORD, HERE)).caller.id)
        made = await users.add_token(bob.id, "b", Scope.ADMIN, None, None)
        token, hashed = Asker(token_id=made.row.id), passwords.hash

        async def demoting(password: str) -> str:
            passwords.hash = hashed  # type: ignore[method-assign]
            await users.change(bob.id, {"role": "viewer"}, None, chief)
            return await hashed(password)

        for asker in (session, token):
            await users.change(bob.id, {"role": "admin"}, None, chief)
            passwords.hash = demoting  # type: ignore[method-assign]
            with pytest.raises(Refused, match="no admin any more"):
                await users.add("Eve", PASSWORD, Role.ADMIN, None, asker)
            with pytest.raises(Refused, match="no admin any more"):
                await users.change(bob.id, {"role": "admin"}, None, asker)
            with pytest.raises(Refused, match="no admin any more"):
                await users.delete(UserId(ann.caller.user_id), asker)
        await users.delete(bob.id, chief)
        for asker in (session, token, Asker()):
            with pytest.raises(LoginNeeded):
                await users.add("Eve", PASSWORD, Role.ADMIN, None, asker)
        assert [(user.name, user.role) for user in await users.list()] == [("Ann", Role.ADMIN)]
