"""A second address is read while somebody asks for it, and never otherwise."""

import itertools
import threading
from collections.abc import Iterator

import pytest

from appliance.domain.camera import Camera, Credentials
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.errors import AddressError, SourceFailure
from appliance.packets.lingering_reader import LingeringReader
from appliance.packets.settings import Settings
from appliance.packets.source import Source
from appliance.runtime.clock import Clock, SystemClock
from tests.support.clock import SimulatedClock
from tests.support.fake_source import FakeCamera, Script
from tests.support.no_threads import UnstartableThread

CAMERA = Camera(
    CameraId("front"),
    "Front door",
    "rtsp://192.0.2.1/big",
    Credentials("eve", "canary-77"),
    live_url="rtsp://192.0.2.1/small",
)
ENDLESS = Script(pictures=10**9)
WRONG = Script(refuses=SourceFailure("unauthorized", "401 from rtsp://eve:canary-77@192.0.2.1/small"))


class Bench:
    """A reader of a fake camera, and what it handed on."""

    def __init__(self, *scripts: Script, clock: Clock | None = None) -> None:
        self.clock = clock or SimulatedClock()
        self.camera = FakeCamera(self.clock, scripts)
        self.read: list[Camera] = []
        self.packets: list[Packet] = []
        self.idle = 0
        self.reader = LingeringReader(
            CAMERA, self.source, self.clock, Settings(), self.on_packet, self.on_idle
        )

    def source(self, camera: Camera) -> Source:
        """Note what is read, and return the next script's source."""
        self.read.append(camera)
        return self.camera(camera)

    def on_packet(self, packet: Packet) -> None:
        """Note it."""
        self.packets.append(packet)

    @property
    def keyframes(self) -> list[Packet]:
        """Those of the packets at which a decoder can begin."""
        return [packet for packet in self.packets if packet.is_keyframe]

    def on_idle(self) -> None:
        """Note it."""
        self.idle += 1

    def ask(self) -> None:
        """Ask once, and wait until nothing is read any more."""
        self.reader.ask()
        assert self.reader.join(10)


def test_nothing_is_connected_before_somebody_asks() -> None:
    """A second stream costs nothing while nobody looks."""
    bench = Bench(ENDLESS)
    assert (bench.read, bench.reader.join(0), bench.reader.note) == ([], True, "")


def test_asked_once_it_hands_on_packets_for_ten_seconds_and_lets_go() -> None:
    """From the second address, with the camera's credentials; nobody else has to say that it is over."""
    bench = Bench(ENDLESS)
    bench.ask()
    assert [(c.url, c.credentials) for c in bench.read] == [(CAMERA.live_url, CAMERA.credentials)]
    assert [packet.media.seconds for packet in bench.keyframes] == [float(s) for s in range(11)]
    assert len(bench.packets) == 101
    assert (bench.idle, bench.camera.sources[0].is_open) == (1, False)


def test_it_connects_again_when_somebody_asks_again() -> None:
    """After it has let go."""
    bench = Bench(ENDLESS)
    bench.ask()
    bench.ask()
    assert (len(bench.read), bench.idle) == (2, 2)


def test_without_a_thread_it_says_why_and_tries_when_somebody_asks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """F31: who asks gets no error for it, and the end waits for nothing."""
    bench = Bench(ENDLESS)
    with monkeypatch.context() as patch:
        patch.setattr(threading, "Thread", UnstartableThread)
        bench.ask()
        assert "no further thread" in bench.reader.note
    bench.ask()
    assert (len(bench.read), bench.reader.note) == (1, "")


def test_it_stays_connected_as_long_as_somebody_asks() -> None:
    """Once a second, as the page does: one connection, and ten seconds more at the end."""
    bench = Bench(ENDLESS)

    def asks_again(packet: Packet) -> None:
        bench.packets.append(packet)
        if packet.is_keyframe and len(bench.keyframes) <= 60:
            bench.reader.ask()

    bench.reader._on_packet = asks_again
    bench.ask()
    assert (len(bench.read), len(bench.keyframes)) == (1, 70)


def test_a_failure_is_noted_and_logged_once_without_credentials(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever comes and goes neither hears it again nor makes the attempts more frequent (F11)."""
    bench = Bench(WRONG)
    while bench.clock.monotonic_ns() < 60 * 10**9:
        bench.ask()
    assert sum(at < 60 for at in bench.camera.connected_s) <= 3
    assert bench.reader.note
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "canary-77" not in bench.reader.note + caplog.text


@pytest.mark.parametrize(
    ("script", "note"),
    [
        (Script(refuses=SourceFailure("refused", "nothing accepts connections")), "nothing accepts"),
        (Script(refuses=AddressError("expected rtsp://host")), "expected rtsp"),
        (Script(pictures=5), "the stream ended"),
        (Script(pictures=5, fails=SourceFailure("timeout", "no answer")), "no answer"),
    ],
)
def test_what_fails_is_tried_again_and_the_note_goes_when_it_works(script: Script, note: str) -> None:
    """As often as somebody asks."""
    bench = Bench(script, ENDLESS)
    notes = []

    def source(camera: Camera) -> Source:
        notes.append(bench.reader.note)
        return bench.camera(camera)

    bench.reader._source_factory = source
    while len(notes) < 2:
        bench.ask()
    assert notes[0] == ""
    assert note in notes[1]
    assert bench.reader.note == ""
    assert not any(source.is_open for source in bench.camera.sources)


def test_an_error_of_who_decodes_is_noted_and_tried_again() -> None:
    """The thread goes on."""
    bench = Bench(ENDLESS)
    errors = iter([KeyError("canary-77")])

    def on_packet(packet: Packet) -> None:
        for error in errors:
            raise error
        bench.packets.append(packet)

    bench.reader._on_packet = on_packet
    bench.ask()
    assert len(bench.read) == 2
    assert bench.keyframes


@pytest.mark.parametrize("script", [Script(pictures=10**9, fps=50.0), WRONG], ids=["reading", "waiting"])
def test_stopped_it_ends_at_once_and_for_good(script: Script) -> None:
    """While it reads, and while it waits for its next attempt; who asks afterwards starts nothing."""
    bench = Bench(script, clock=SystemClock())
    began = threading.Event()
    connect = bench.reader._source_factory

    def source(camera: Camera) -> Source:
        began.set()
        return connect(camera)

    bench.reader._source_factory = source
    bench.reader.ask()
    assert began.wait(5)
    bench.reader.stop()
    assert bench.reader.join(5)
    bench.reader.ask()
    assert (bench.reader.join(0), len(bench.camera.sources), bench.idle) == (True, 1, 1)


class Late:
    """A source that begins in the midst of a GOP."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.open, self.close = source.open, source.close

    def packets(self, stop: threading.Event) -> Iterator[Packet]:
        """Leave the first three out."""
        return itertools.islice(self._source.packets(stop), 3, None)


def test_packets_before_the_first_keyframe_are_left_out_and_the_clock_is_anchored() -> None:
    """A viewer can begin with whatever comes first, and its time follows the camera's time stamps."""
    bench = Bench(ENDLESS)
    bench.reader._source_factory = lambda camera: Late(bench.camera(camera))
    bench.ask()
    first = bench.packets[0]
    assert (first.is_keyframe, first.media.seconds) == (True, 1.0)
    assert [p.wall_us - first.wall_us for p in bench.packets[:3]] == [0, 100_000, 200_000]
