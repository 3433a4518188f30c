"""What waits for a viewer is bounded; one that is behind goes on at the newest keyframe."""

import asyncio
import json

import pytest

from appliance.domain.ids import CameraId
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.live.message import Kind, Message
from appliance.live.settings import LiveSettings
from appliance.live.viewer import MOST_MESSAGES, Viewer
from tests.support.watching import waiting

SETTINGS = LiveSettings(queue_bytes=1000, behind_s=2.0)
KINDS = {"S": Kind.STREAM, "s": Kind.STATE, "K": Kind.KEYFRAME, "p": Kind.PICTURE}
LETTERS = {kind: letter for letter, kind in KINDS.items()}


class Bench:
    """A viewer that takes nothing, and what was counted of it."""

    def __init__(self) -> None:
        self.skipped = 0
        self.viewer = Viewer(CameraId("yard"), SETTINGS, self.on_skipped)

    def on_skipped(self, count: int) -> None:
        """Count."""
        self.skipped += count

    def put(self, kinds: str, at_s: float = 0.0, size: int = 100) -> None:
        """Put messages of these kinds, all of one size but the words, which are empty."""
        for letter in kinds:
            kind = KINDS[letter]
            data = bytes(size) if kind in {Kind.KEYFRAME, Kind.PICTURE} else b""
            self.viewer.put(Message(kind, data=data), MonotonicNs(round(at_s * NS_PER_S)))

    async def next(self) -> Message:
        """Take what is sent next, which is there already."""
        message = await asyncio.wait_for(self.viewer.get(), 1.0)
        assert message is not None
        return message

    @property
    def waiting(self) -> str:
        """The kinds of what waits."""
        return "".join(LETTERS[message.kind] for message in waiting(self.viewer))


@pytest.mark.parametrize(
    ("put", "waits", "skipped"),
    [
        ("", "", 0),
        ("SKpppppppp", "SKpppppppp", 0),
        ("SKpppppppppK", "SK", 10),
        ("SKppppKpppppp", "SKpppppp", 5),
        ("SKpppppppppp", "S", 11),
        ("SKpppppppppppppK", "SK", 14),
        ("SKppsSKpppppppppp", "S", 14),
        ("SKppsSKpppppppp", "SKpppppppp", 3),
        ("SKpppppppppps", "Ss", 11),
        ("SKppsSKpps", "SKppSKpps", 0),
    ],
)
async def test_ten_pictures_may_wait_and_whole_gops_are_left_out(put: str, waits: str, skipped: int) -> None:
    """The words that still hold are kept; a picture is never there without those that it needs."""
    bench = Bench()
    bench.put(put)
    assert (bench.waiting, bench.skipped) == (waits, skipped)
    assert bench.viewer.waiting_bytes <= SETTINGS.queue_bytes


async def test_who_is_two_seconds_behind_goes_on_at_the_newest_keyframe() -> None:
    """However little waits; a burst at the beginning, which came up in one moment, is not behind."""
    bench = Bench()
    bench.put("SKppppp", at_s=10.0)
    bench.put("p", at_s=11.9)
    assert bench.waiting == "SKpppppp"
    bench.put("K", at_s=12.1)
    assert (bench.waiting, bench.skipped) == ("SK", 7)
    bench.put("p", at_s=14.2)
    assert (bench.waiting, bench.skipped) == ("S", 9)
    bench.put("pKp", at_s=14.3)
    assert (bench.waiting, bench.skipped) == ("SKp", 10)


async def test_who_is_behind_is_told_once_how_much_was_left_out() -> None:
    """Before the pictures that follow; one that keeps up is told nothing."""
    bench = Bench()
    bench.put("SKp", at_s=10.0)
    assert [(await bench.next()).kind for _ in "SKp"] == [Kind.STREAM, Kind.KEYFRAME, Kind.PICTURE]
    bench.put("Kpp", at_s=11.0)
    bench.put("p", at_s=13.5)
    bench.put("pK", at_s=13.6)
    told = await bench.next()
    assert (told.kind, json.loads(told.text)) == (Kind.BEHIND, {"type": "behind", "skipped": 5})
    assert (await bench.next()).kind is Kind.KEYFRAME


async def test_a_camera_that_flaps_fills_no_memory() -> None:
    """Of words that nobody takes the last ones are enough."""
    bench = Bench()
    bench.put("SKp" + "sSssSS" * 1000)
    assert bench.waiting == "SKpS"
    bench.put("s" * 1000)
    assert bench.waiting == "SKpSs"


async def test_pictures_of_no_size_are_bounded_in_number() -> None:
    """As everything that waits."""
    bench = Bench()
    bench.put("K" + "p" * MOST_MESSAGES, size=0)
    assert (bench.waiting, bench.skipped) == ("", MOST_MESSAGES + 1)


async def test_nobody_begins_in_the_midst_of_a_gop() -> None:
    """Pictures before its first keyframe were never meant for a viewer, and are not counted."""
    bench = Bench()
    bench.put("SppKp")
    assert (bench.waiting, bench.skipped) == ("SKp", 0)


async def test_a_picture_larger_than_the_bound_is_never_sent() -> None:
    """Nor are those that need it."""
    bench = Bench()
    bench.put("SKp", size=1001)
    assert (bench.waiting, bench.skipped) == ("S", 2)


async def test_messages_come_in_order_from_another_thread() -> None:
    """And whoever waits is woken."""
    viewer = Viewer(CameraId("yard"), LiveSettings(), lambda _: None)
    sent = [Message(Kind.KEYFRAME, data=bytes([i])) for i in range(200)]

    def put() -> None:
        for message in sent:
            viewer.put(message, MonotonicNs(0))

    putting = asyncio.create_task(asyncio.to_thread(put))
    async with asyncio.timeout(10):
        got = [await viewer.get() for _ in sent]
    await putting
    assert got == sent
    assert viewer.waiting_bytes == 0


async def test_the_end_comes_at_once() -> None:
    """Whatever waits, and for who waits already."""
    viewer = Viewer(CameraId("yard"), LiveSettings(), lambda _: None)
    waits = asyncio.create_task(viewer.get())
    await asyncio.sleep(0)
    viewer.end()
    async with asyncio.timeout(10):
        assert await waits is None
    viewer.put(Message(Kind.STATE, b"{}"), MonotonicNs(0))
    assert await viewer.get() is None
