"""The loop of one camera, on a fake camera and a clock that never waits."""

from itertools import pairwise

import pytest

from appliance.domain.camera import Camera, CameraReport, CameraState, Credentials, StreamFacts
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.errors import AddressError, SourceFailure
from appliance.packets.counters import PacketCounters
from appliance.packets.pacer import Pacer
from appliance.packets.reader import CameraReader
from appliance.packets.settings import Settings
from appliance.runtime.metrics import Metrics
from tests.support.clock import SimulatedClock
from tests.support.fake_source import FakeCamera, Script

CAMERA = Camera(CameraId("fake"), "Fake", "rtsp://cam/a", Credentials("root", "canary-77"))
REFUSED = Script(refuses=SourceFailure("refused", "nothing accepts connections"))
TIMEOUT = Script(refuses=SourceFailure("timeout", "no answer"))
WRONG = Script(refuses=SourceFailure("unauthorized", "401"))
BREAKS = Script(pictures=200, fails=SourceFailure("ended", "the camera ended the stream"))


class Bench:
    """A reader on a fake camera, and everything that it said."""

    def __init__(self, *scripts: Script, settings: Settings | None = None) -> None:
        self.clock = SimulatedClock()
        self.reports: list[CameraReport] = []
        self.packets: list[Packet] = []
        self.metrics = Metrics()
        self.camera = FakeCamera(self.clock, scripts)
        self.reader = CameraReader(
            CAMERA,
            self.camera,
            self.clock,
            settings or Settings(),
            self.on_packet,
            self.reports.append,
            counters=PacketCounters(self.metrics),
        )
        self.camera.exhausted = self.reader.stop

    def on_packet(self, packet: Packet) -> None:
        """Keep a packet."""
        self.packets.append(packet)

    def run(self) -> "Bench":
        """Let the reader run until its scripts are used up."""
        self.reader.start()
        assert self.reader.join(10.0), "the reader did not end"
        assert not any(source.is_open for source in self.camera.sources), "a source was left open"
        return self

    def states(self) -> list[CameraState]:
        """Return the reported states."""
        return [report.state for report in self.reports]


def test_a_file_is_read_from_connecting_to_its_end() -> None:
    """Each state is said once, and online with the stream's facts."""
    bench = Bench(Script(pictures=5)).run()
    assert bench.states() == [CameraState.CONNECTING, CameraState.ONLINE, CameraState.ENDED]
    assert bench.reports[1].stream == StreamFacts("rawvideo", 64, 48, 10.0)
    assert len(bench.packets) == 5
    assert [report.reason == "" for report in bench.reports] == [False, True, False]


@pytest.mark.parametrize(("behind_s", "stamp_s"), [(None, 0.0), (0.3, -0.3), (3600.0, 0.0)])
def test_packets_are_stamped_by_the_camera_s_clock_once_it_has_proven_itself(
    behind_s: float | None, stamp_s: float
) -> None:
    """From the next connection on at once; one that is an hour behind is in local time, and no help."""
    ended = SourceFailure("ended", "the camera ended the stream")
    bench = Bench(
        Script(pictures=200, fails=ended, behind_s=behind_s), Script(pictures=5, behind_s=behind_s)
    ).run()
    arrived_us = bench.clock.wall_us() - 400_000
    assert (bench.packets[200].wall_us - arrived_us) / 1e6 == pytest.approx(stamp_s, abs=0.001)


def test_attempts_that_fail_in_the_same_way_are_said_once() -> None:
    """I6: one message for each real change; a retry is none, another cause is one."""
    bench = Bench(REFUSED, REFUSED, REFUSED, TIMEOUT, TIMEOUT).run()
    assert bench.states() == [CameraState.CONNECTING, CameraState.OFFLINE, CameraState.OFFLINE]
    assert [report.reason for report in bench.reports[1:]] == ["nothing accepts connections", "no answer"]


def test_a_camera_that_breaks_off_comes_back() -> None:
    """Offline with its reason, then online again, without a connecting in between."""
    bench = Bench(BREAKS, REFUSED, BREAKS).run()
    assert bench.states() == [
        CameraState.CONNECTING,
        CameraState.ONLINE,
        CameraState.OFFLINE,
        CameraState.OFFLINE,
        CameraState.ONLINE,
        CameraState.OFFLINE,
    ]


def test_a_stable_connection_that_breaks_is_tried_again_within_a_second() -> None:
    """F1: back online at once, however often it failed before."""
    bench = Bench(REFUSED, REFUSED, REFUSED, REFUSED, BREAKS, REFUSED).run()
    at = bench.camera.connected_s
    assert at[5] - at[4] - 19.9 <= 1.0


def test_wrong_credentials_have_their_state_and_few_attempts() -> None:
    """F11: three attempts in the first minute, and the password nowhere."""
    bench = Bench(*[WRONG] * 6).run()
    assert bench.states() == [CameraState.CONNECTING, CameraState.AUTH_FAILED]
    assert sum(at < 60 for at in bench.camera.connected_s) == 3
    assert "canary-77" not in repr(bench.reports)


def test_pictures_without_a_keyframe_are_no_video() -> None:
    """F5: said within nine seconds, and the stream is asked for again."""
    bench = Bench(Script(pictures=1000, gop=0), Script(pictures=5)).run()
    assert bench.states() == [
        CameraState.CONNECTING,
        CameraState.NO_VIDEO,
        CameraState.ONLINE,
        CameraState.ENDED,
    ]
    assert bench.camera.connected_s[1] < 11
    assert "keyframe" in bench.reports[1].reason


def test_nothing_before_the_first_keyframe_is_handed_on() -> None:
    """A decoder or a recording could not begin there."""
    bench = Bench(BREAKS)
    bench.camera.scripts = [Script(pictures=5, gop=0)]
    bench.run()
    assert bench.packets == []


def test_an_error_of_a_consumer_is_reported_and_tried_again() -> None:
    """F19: the thread goes on, the camera is not online, and the reason names the error."""
    bench = Bench(Script(pictures=5), Script(pictures=5))
    calls = iter([KeyError("canary-77")])

    def on_packet(packet: Packet) -> None:
        for error in calls:
            raise error
        bench.packets.append(packet)

    bench.reader._on_packet = on_packet
    bench.run()
    assert bench.states() == [
        CameraState.CONNECTING,
        CameraState.OFFLINE,
        CameraState.ONLINE,
        CameraState.ENDED,
    ]
    assert "KeyError" in bench.reports[1].reason
    assert "canary-77" not in bench.reports[1].reason
    assert len(bench.packets) == 5


def test_an_address_that_no_source_reads_is_said() -> None:
    """A row changed by hand may hold anything."""
    bench = Bench(Script(refuses=AddressError("expected rtsp")))
    bench.run()
    assert bench.states() == [CameraState.CONNECTING, CameraState.OFFLINE]


def test_a_stopped_reader_ends_and_says_nothing_more() -> None:
    """Its successor's reports must not be mixed with its own; the end is told last."""
    bench = Bench(Script(pictures=10**9))
    ended: list[bool] = []

    def on_packet(packet: Packet) -> None:
        bench.packets.append(packet)
        if len(bench.packets) == 50:
            bench.reader.stop()

    bench.reader._on_packet = on_packet
    bench.reader.start(lambda: ended.append(bench.camera.sources[0].is_open))
    assert bench.reader.join(10.0)
    assert ended == [False]
    assert bench.states() == [CameraState.CONNECTING, CameraState.ONLINE]


def test_a_reader_that_was_never_started_has_ended() -> None:
    """Closing a fleet may meet one."""
    assert Bench(REFUSED).reader.join(0.0)


def test_what_is_read_is_counted() -> None:
    """Packets, bytes and reconnections by camera."""
    bench = Bench(Script(pictures=5, fails=SourceFailure("ended", "x")), Script(pictures=3)).run()
    text = bench.metrics.exposition()
    assert 'nightjar_packets_total{camera="fake"} 8' in text
    assert f'nightjar_packet_bytes_total{{camera="fake"}} {8 * 64 * 48 * 3 // 2}' in text
    assert 'nightjar_reconnects_total{camera="fake"} 1' in text
    counters = PacketCounters(bench.metrics)
    counters.forget(CAMERA.id)
    assert "fake" not in bench.metrics.exposition()


@pytest.mark.parametrize("step_s", [3600.0, -3600.0, -1_700_000_000.0], ids=["+1 h", "-1 h", "to 1970"])
def test_a_step_of_the_wall_clock_restarts_nothing_and_never_shows(step_s: float) -> None:
    """F10: between two packets: the camera's own clock goes on, on the one connection, without a report."""
    bench = Bench(Script(pictures=5))
    step = iter([step_s])

    def on_packet(packet: Packet) -> None:
        bench.packets.append(packet)
        for seconds in step:
            bench.clock.step_wall(seconds)

    bench.reader._on_packet = on_packet
    bench.run()
    stamps = [packet.wall_us for packet in bench.packets]
    assert [b - a for a, b in pairwise(stamps)] == pytest.approx([100_000] * 4, abs=100)
    assert len(bench.camera.connected_s) == 1
    assert bench.states() == [CameraState.CONNECTING, CameraState.ONLINE, CameraState.ENDED]


@pytest.mark.parametrize("step_s", [3600.0, -3600.0], ids=["+1 h", "-1 h"])
def test_a_step_of_the_wall_clock_changes_no_wait(step_s: float) -> None:
    """F10: a camera that is waited for is tried again when it was to be."""
    plain, stepped = Bench(*[WRONG] * 3), Bench(*[WRONG] * 3)

    def on_report(report: CameraReport) -> None:
        stepped.reports.append(report)
        stepped.clock.step_wall(step_s)

    stepped.reader._on_report = on_report
    assert stepped.run().camera.connected_s == plain.run().camera.connected_s


def test_a_pacer_spaces_the_attempts_of_readers_that_share_it() -> None:
    """F34: an attempt of one reader puts those of all off by the interval."""
    pacer = Pacer(0.5)
    first, second = Bench(REFUSED), Bench(REFUSED)
    for bench in (first, second):
        bench.reader._pacer = pacer
        bench.run()
    assert second.camera.connected_s[0] == pytest.approx(first.camera.connected_s[-1] + 0.5)
