"""The allowance: what several waits take together."""

import asyncio

import pytest

from appliance.runtime.allowance import Allowance
from tests.support.clock import SimulatedClock


async def test_waits_share_it() -> None:
    """Of three waits for what never comes, the first takes some, the second the rest, the third nothing."""
    clock = SimulatedClock()
    allowance = Allowance(clock, 2.0)
    came = asyncio.Event()
    first = asyncio.create_task(allowance.wait_for(came.wait()))
    await clock.advance(0.0)
    await clock.advance(1.5)
    came.set()
    assert await first
    # Nothing is taken while nobody waits.
    await clock.advance(5.0)
    second = asyncio.create_task(allowance.wait_for(asyncio.Event().wait()))
    await clock.advance(0.0)
    await clock.advance(0.4)
    assert not second.done()
    await clock.advance(0.1)
    assert not await second
    third = asyncio.create_task(allowance.wait_for(asyncio.Event().wait()))
    await clock.advance(0.0)
    await clock.advance(0.0)
    assert third.done()
    assert not third.result()


async def test_what_is_done_between_waits_takes_nothing_of_it() -> None:
    """A disk that is slow to close leaves the database its time."""
    clock = SimulatedClock()
    allowance = Allowance(clock, 2.0)
    await clock.advance(60)
    wait = asyncio.create_task(allowance.wait_for(asyncio.Event().wait()))
    await clock.advance(0.0)
    await clock.advance(1.9)
    assert not wait.done()
    await clock.advance(0.1)
    assert wait.done()


async def test_what_need_not_wait_is_done_though_nothing_is_left() -> None:
    """The last row of a database that can be written again is not refused for the waits before it."""
    done = []

    async def work() -> None:
        done.append("row")

    assert await Allowance(SimulatedClock(), 0.0).wait_for(work())
    assert done == ["row"]


async def test_work_that_is_given_up_has_ended() -> None:
    """Nothing goes on behind the back of who gave up."""
    clock = SimulatedClock()
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    wait = asyncio.create_task(Allowance(clock, 1.0).wait_for(work()))
    await clock.advance(0.0)
    await clock.advance(1.0)
    assert wait.done()
    assert not wait.result()
    assert ended.is_set()


async def test_an_error_of_the_work_is_its_callers() -> None:
    """It is not taken for a wait that was too long."""

    async def work() -> None:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        await Allowance(SimulatedClock(), 1.0).wait_for(work())
