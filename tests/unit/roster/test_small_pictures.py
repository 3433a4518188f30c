"""Small pictures come from the second address, as soon as it has one that is new enough."""

import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from appliance.domain.camera import Camera, Credentials
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.errors import SourceFailure
from appliance.packets.settings import Settings
from appliance.packets.source import Source
from appliance.packets.viewers import Viewers
from appliance.roster import CameraViews
from appliance.runtime.clock import SystemClock
from appliance.small_pictures import SmallPictures
from appliance.watch import LatestFrames
from tests.support.clock import SimulatedClock
from tests.support.fake_source import TICKS, FakeCamera, FakeSource, Script, stream

FRONT = CameraId("front")
CAMERA = Camera(FRONT, "Front door", "rtsp://192.0.2.1/big", live_url="rtsp://192.0.2.1/small")
ENDLESS = Script(pictures=10**9, fps=100.0, gop=5)
MAIN_SIZE, SMALL_SIZE = (128, 96), (64, 48)


class Held:
    """A source whose end takes as long as the test wants, as a camera's goodbye may."""

    def __init__(self, source: Source, release: threading.Event) -> None:
        self._source = source
        self._release = release
        self.open, self.packets = source.open, source.packets

    def close(self) -> None:
        """Close when the test allows it."""
        assert self._release.wait(10)
        self._source.close()


class Bench:
    """Small pictures of fake cameras, and what the web server is handed of them."""

    def __init__(self, *scripts: Script) -> None:
        self.clock = SystemClock()
        self.camera = FakeCamera(self.clock, scripts or [ENDLESS])
        self.open_at_connect: list[int] = []
        self.may_close = threading.Event()
        self.may_close.set()
        self.latest = LatestFrames()
        self.small = SmallPictures(self.source, self.clock, Settings())
        self.viewers = Viewers(10.0)
        self.views = CameraViews(self.latest, self.small, self.viewers, self.clock, Settings())

    @property
    def sources(self) -> list[FakeSource]:
        """The connections so far."""
        return self.camera.sources

    def source(self, camera: Camera) -> Source:
        """Note how many connections are open, and return the next one."""
        self.open_at_connect.append(sum(source.is_open for source in self.sources))
        return Held(self.camera(camera), self.may_close)

    def put_main(self, later_s: float = 0.0) -> None:
        """Let the main stream show a frame that arrives now, or so much later."""
        width, height = MAIN_SIZE
        i420 = np.full((height * 3 // 2, width), 128, np.uint8)
        arrived = MonotonicNs(self.clock.monotonic_ns() + round(later_s * 1e9))
        self.latest.put(Frame(FRONT, i420, MediaTime(0, stream().time_base), WallUs(0), arrived))

    def size(self, small: bool) -> tuple[int, int] | None:
        """Return width and height of the JPEG that is served."""
        found = self.views.latest_jpeg(FRONT, small)
        if found is None:
            return None
        picture = cv2.imdecode(np.frombuffer(found.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        return picture.shape[1], picture.shape[0]

    def wait_for_frame(self) -> Frame:
        """Look until the second address has shown a frame."""
        while (frame := self.small.look(FRONT)) is None:
            pass
        return frame


@pytest.fixture
def bench() -> Iterator[Bench]:
    """One camera with a second address, of which the main stream has shown a frame."""
    made = Bench()
    made.small.apply([CAMERA])
    made.put_main()
    yield made
    made.small.close()
    assert not any(source.is_open for source in made.sources)


def test_the_first_answer_is_the_main_stream_s_and_the_next_one_small(bench: Bench) -> None:
    """Nobody waits for a connection; a large picture is always the main stream's."""
    assert bench.size(small=True) == MAIN_SIZE
    bench.wait_for_frame()
    assert (bench.size(small=True), bench.size(small=False)) == (SMALL_SIZE, MAIN_SIZE)


def test_the_newer_picture_wins(bench: Bench) -> None:
    """While something happens, the main stream shows more of it than the second one's keyframes."""
    bench.wait_for_frame()
    bench.put_main(later_s=60)
    assert bench.size(small=True) == MAIN_SIZE


def test_only_who_wants_a_small_picture_has_it_read(bench: Bench) -> None:
    """And whoever asks, for either, counts as looking."""
    assert not bench.viewers.is_watched(FRONT, bench.clock.monotonic_ns())
    assert bench.size(small=False) == MAIN_SIZE
    assert bench.viewers.is_watched(FRONT, bench.clock.monotonic_ns())
    assert bench.sources == []


def test_a_camera_whose_main_stream_shows_nothing_shows_nothing(bench: Bench) -> None:
    """It is offline, and the page says so; its second address is not knocked at."""
    bench.latest.forget(FRONT)
    assert bench.size(small=True) is None
    assert bench.sources == []


@pytest.mark.parametrize(
    "change", [{"live_url": None}, {"enabled": False}], ids=["no second address", "switched off"]
)
def test_without_a_second_address_there_is_none_to_read(bench: Bench, change: dict[str, object]) -> None:
    """What was read is let go, and everything is as the main stream has it."""
    bench.wait_for_frame()
    bench.small.apply([replace(CAMERA, **change)])  # type: ignore[arg-type]
    assert bench.small.look(FRONT) is None
    assert (bench.size(small=True), len(bench.sources)) == (MAIN_SIZE, 1)


@pytest.mark.parametrize(
    "change",
    [{"live_url": "rtsp://192.0.2.1/smaller"}, {"credentials": Credentials("eve", "canary-77")}],
    ids=["address", "credentials"],
)
def test_a_changed_address_is_read_after_the_one_before_has_been_let_go(
    bench: Bench, change: dict[str, object]
) -> None:
    """A camera often allows few sessions; also one that was deleted and added again. Nobody waits."""
    bench.wait_for_frame()
    changed = replace(CAMERA, **change)  # type: ignore[arg-type]
    for cameras in ([[changed]], [[], [CAMERA]]):
        bench.may_close.clear()
        for each in cameras:
            bench.small.apply(each)
        assert {bench.small.look(FRONT) for _ in range(1000)} == {None}
        bench.may_close.set()
        bench.wait_for_frame()
    assert bench.open_at_connect == [0, 0, 0]


@pytest.mark.parametrize("change", [{"name": "Gate"}, {"detect_fps": 1.0}], ids=["name", "detect_fps"])
def test_what_the_second_address_does_not_use_restarts_nothing(
    bench: Bench, change: dict[str, object]
) -> None:
    """Its connection and its newest frame stay."""
    bench.wait_for_frame()
    bench.small.apply([replace(CAMERA, **change)])  # type: ignore[arg-type]
    assert bench.small.look(FRONT) is not None
    assert len(bench.sources) == 1


def test_after_the_end_nothing_is_connected_any_more(bench: Bench) -> None:
    """A request may still be under way when the appliance stops."""
    bench.wait_for_frame()
    bench.small.close()
    bench.size(small=True)
    assert len(bench.sources) == 1


def test_a_second_address_that_fails_leaves_the_main_stream_s_picture_and_a_note() -> None:
    """Whoever manages the camera is told; nothing else changes."""
    bench = Bench(Script(refuses=SourceFailure("not_found", "there is no such path")))
    bench.small.apply([CAMERA])
    bench.put_main()
    while not bench.views.live_note(FRONT):
        assert bench.size(small=True) == MAIN_SIZE
    assert bench.views.live_note(FRONT) == "there is no such path"
    bench.small.apply([])
    assert bench.views.live_note(FRONT) == ""
    bench.small.close()


def test_keyframes_alone_are_decoded(bench: Bench) -> None:
    """Every fifth picture is one, and of those no more than are looked at."""
    first = bench.wait_for_frame()
    while (later := bench.wait_for_frame()) is first:
        pass
    assert round(later.media.pts * 100 / TICKS) % 5 == 0
    assert later.arrived_ns - first.arrived_ns >= 0.5e9


def test_who_watches_gets_every_packet_of_the_same_connection(bench: Bench) -> None:
    """Live video and small pictures share it: a camera often allows few sessions."""
    fanout = bench.small.watch(FRONT)
    assert fanout is not None
    got = threading.Event()
    packets: list[Packet] = []

    def take(packet: Packet, _number: int) -> None:
        packets.append(packet)
        if len(packets) == 12:
            got.set()

    with fanout.subscribed(take):
        bench.wait_for_frame()
        assert got.wait(10)
    assert (len(bench.sources), bench.small.watch(FRONT)) == (1, fanout)
    steps = {round((b.wall_us - a.wall_us) / 1000) for a, b in itertools.pairwise(packets)}
    assert steps == {10}
    assert sum(packet.is_keyframe for packet in packets) in {2, 3}


def test_nothing_old_is_held_when_nobody_has_looked_for_a_while() -> None:
    """Whoever comes later begins with what is to be seen then."""
    clock = SimulatedClock()
    small = SmallPictures(FakeCamera(clock, [ENDLESS]), clock, Settings())
    small.apply([CAMERA])
    fanout = small.watch(FRONT)
    assert fanout is not None
    held: list[int] = []
    fanout.add(lambda _packet, _number: held.append(fanout.ring.held_bytes))
    while small._seconds[FRONT].reader._thread is not None:
        pass
    assert max(held) > 0
    assert fanout.ring.held_bytes == 0
    small.close()


def test_who_has_no_second_address_has_nothing_to_watch(bench: Bench) -> None:
    """The main stream will do."""
    bench.small.apply([replace(CAMERA, live_url=None)])
    assert bench.small.watch(FRONT) is None
