"""The queue in front of a disk is bounded, and gives whole GOPs up, the oldest first."""

from itertools import islice

from appliance.domain.ids import CameraId
from appliance.recordings.disks.disk_queue import DiskQueue, Waiting
from appliance.recordings.fragment import Fragment
from tests.support.coded import CAMERA
from tests.support.fragments import fragments

DOOR = CameraId("door")


def taken(queue: DiskQueue) -> list[Waiting]:
    """Return all that waits."""
    found = []
    while (item := queue.take()) is not None:
        found.append(item)
    return found


def some(count: int, camera_id: CameraId = CAMERA) -> list[Fragment]:
    """Return the first fragments of a camera; each other one begins a GOP."""
    return list(islice(fragments(camera_id), count))


def test_what_fits_comes_out_as_it_went_in() -> None:
    """With the ends of files in their places."""
    queue = DiskQueue(1 << 30)
    first, second, third = some(3)
    assert queue.put(first) == queue.put(second) == []
    queue.end(CAMERA)
    assert queue.put(third) == []
    assert queue.waiting_bytes == first.size + second.size + third.size
    assert queue.holds(CAMERA)
    assert [item.fragment for item in taken(queue)] == [first, second, None, third]
    assert queue.waiting_bytes == 0
    assert not queue.holds(CAMERA)


def test_the_oldest_gop_is_dropped_whole() -> None:
    """And what follows begins another file."""
    items = some(5)
    queue = DiskQueue(sum(fragment.size for fragment in items[:4]))
    dropped = [fragment for item in items for fragment in queue.put(item)]
    assert dropped == items[:2]
    kept = taken(queue)
    assert [item.fragment for item in kept] == items[2:]
    assert [item.is_after_gap for item in kept] == [True, False, False]


def test_a_gop_that_is_dropped_in_its_middle_is_dropped_to_its_end() -> None:
    """Its second half has not come yet: that is refused when it does, up to the next keyframe."""
    items = some(4)
    queue = DiskQueue(1)
    assert queue.put(items[0]) == []
    other = some(1, DOOR)[0]
    assert queue.put(other) == [items[0]]
    assert queue.put(items[1]) == [items[1]]
    assert queue.put(items[2]) == [other]
    (kept,) = taken(queue)
    assert (kept.fragment, kept.is_after_gap) == (items[2], True)


def test_other_cameras_lose_nothing_by_it() -> None:
    """Only as much is dropped as is needed."""
    yard, door = some(2), some(2, DOOR)
    queue = DiskQueue(yard[0].size + yard[1].size + door[0].size)
    dropped = [fragment for item in (yard[0], door[0], yard[1], door[1]) for fragment in queue.put(item)]
    assert dropped == yard
    assert [item.fragment for item in taken(queue)] == door


def test_the_end_of_a_file_is_not_dropped() -> None:
    """A file that nobody ends would stay open for ever."""
    queue = DiskQueue(1)
    queue.put(some(1)[0])
    queue.end(CAMERA)
    queue.put(some(1, DOOR)[0])
    assert [(item.camera_id, item.fragment is None) for item in taken(queue)] == [
        (CAMERA, True),
        (DOOR, False),
    ]


def test_ends_do_not_pile_up() -> None:
    """However often a camera comes and goes in front of a disk that hangs."""
    queue = DiskQueue(1)
    source = fragments()
    for _ in range(40):
        queue.put(next(source))
        queue.end(CAMERA)
        queue.end(CAMERA)
    assert len(taken(queue)) <= 3
