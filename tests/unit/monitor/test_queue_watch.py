"""What was dropped in the last hour."""

from dataclasses import replace

from appliance.monitor.queue_watch import QueueWatch
from appliance.runtime.mailbox import Mailbox, Policy
from appliance.runtime.queue_state import QueueState
from tests.support.clock import SimulatedClock

STATE = QueueState("frames", "Frames that wait", "frames", "the oldest is left out", 3, 8, 0)


class Counted:
    """A queue whose drops a test chooses, and its watch."""

    def __init__(self) -> None:
        self.clock = SimulatedClock()
        self.dropped: int | None = 0
        self.watch = QueueWatch(self.clock, lambda: [replace(STATE, dropped=self.dropped)])

    async def pass_minutes(self, minutes: int) -> None:
        """Let time pass, with a look at each minute."""
        for _ in range(minutes):
            await self.clock.advance(60)
            self.watch.remember()

    @property
    def lately(self) -> int | None:
        """What was dropped in the last hour."""
        (report,) = self.watch.report()
        return report.dropped_last_hour


async def test_drops_are_those_of_the_last_hour_and_of_all_time() -> None:
    """What was dropped more than an hour ago is no news."""
    queue = Counted()
    queue.watch.remember()
    queue.dropped = 5
    assert queue.lately == 5
    await queue.pass_minutes(59)
    assert queue.lately == 5
    queue.dropped = 7
    await queue.pass_minutes(2)
    assert queue.lately == 2
    await queue.pass_minutes(60)
    assert queue.lately == 0
    (report,) = queue.watch.report()
    assert (report.dropped, report.length, report.capacity, report.kind) == (7, 3, 8, "queue")


async def test_what_is_not_counted_is_not_zero() -> None:
    """A queue that refuses counts nothing."""
    queue = Counted()
    queue.dropped = None
    queue.watch.remember()
    assert queue.lately is None


async def test_a_count_that_goes_back_was_a_deleted_cameras() -> None:
    """Nothing was dropped by that."""
    queue = Counted()
    queue.dropped = 9
    queue.watch.remember()
    queue.dropped = 2
    assert queue.lately == 0


async def test_of_the_past_only_an_hour_is_kept() -> None:
    """A service that runs for months remembers no more."""
    queue = Counted()
    await queue.pass_minutes(200)
    assert len(queue.watch._past) <= 61


def test_a_mailbox_tells_how_full_it_is_and_what_becomes_of_one_more() -> None:
    """As its policy wants it."""
    mailbox = Mailbox[int]("numbers", 2, Policy.DROP_OLDEST)
    for number in range(3):
        mailbox.put(number)
    assert mailbox.state("numbers", "Numbers that wait", "numbers") == QueueState(
        "numbers", "Numbers that wait", "numbers", "the oldest is left out", 2, 2, 1
    )
