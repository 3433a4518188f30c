"""A few threads for many who have work."""

import threading
from collections.abc import Iterator

import pytest

from appliance.runtime.lanes import Lane, Lanes


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    """Two threads."""
    made = Lanes(2, "test")
    made.start()
    yield made
    made.close(5.0)


class Work:
    """So many pieces; notes who does them and whether two were done at once."""

    def __init__(self, lanes: Lanes, name: str, pieces: int, log: list[str] | None = None) -> None:
        self.left = pieces
        self.log = [] if log is None else log
        self.name = name
        self.overlapped = False
        self.done = threading.Event()
        self._busy = threading.Lock()
        self.lane: Lane = lanes.lane(name, self.step)

    def step(self) -> bool:
        """Do one piece."""
        self.overlapped |= not self._busy.acquire(blocking=False)
        self.log.append(self.name)
        self.left -= 1
        self._busy.release()
        if self.left <= 0:
            self.done.set()
        return self.left > 0


def wake_often(lane: Lane) -> None:
    """Wake it from this thread, again and again."""
    for _ in range(200):
        lane.wake()


def test_work_is_done_piece_by_piece_and_never_twice_at_once(lanes: Lanes) -> None:
    """However often and from however many threads it is woken."""
    work = Work(lanes, "a", 500)
    wakers = [threading.Thread(target=lambda: wake_often(work.lane)) for _ in range(4)]
    for waker in wakers:
        waker.start()
    assert work.done.wait(10.0)
    for waker in wakers:
        waker.join()
    assert not work.overlapped


def test_lanes_take_turns() -> None:
    """One with much to do does not keep the others from theirs."""
    single = Lanes(1, "test")
    log: list[str] = []
    works = [Work(single, name, pieces, log) for name, pieces in (("long", 30), ("short", 3))]
    for work in works:
        work.lane.wake()
    single.start()
    assert all(work.done.wait(10.0) for work in works)
    single.close(5.0)
    assert log[:6] == ["long", "short"] * 3


def test_a_wake_during_a_piece_is_not_lost(lanes: Lanes) -> None:
    """What came while the last piece was being done is done, too."""
    begun, go_on, twice = threading.Event(), threading.Event(), threading.Event()
    calls: list[int] = []

    def step() -> bool:
        calls.append(1)
        begun.set()
        go_on.wait(10.0)
        if len(calls) == 2:
            twice.set()
        return False

    lane = lanes.lane("a", step)
    lane.wake()
    assert begun.wait(10.0)
    lane.wake()
    go_on.set()
    assert twice.wait(10.0)


def test_a_failing_piece_costs_its_turn_only(lanes: Lanes) -> None:
    """F19: neither the thread nor the lane is lost."""
    outcomes = iter([RuntimeError("a fault"), None])
    worked = threading.Event()

    def step() -> bool:
        outcome = next(outcomes)
        if outcome is not None:
            raise outcome
        worked.set()
        return False

    lane = lanes.lane("a", step)
    lane.wake()
    for _ in range(1000):
        if worked.wait(0.01):
            break
        lane.wake()
    assert worked.is_set()


def test_a_closed_lane_does_nothing_more(lanes: Lanes) -> None:
    """Its camera is gone; others go on."""
    work, other = Work(lanes, "a", 5), Work(lanes, "b", 1)
    work.lane.close()
    work.lane.wake()
    other.lane.wake()
    assert other.done.wait(10.0)
    assert work.left == 5
    assert work.lane.is_idle
