"""Cameras whose connection misbehaves, on real sockets, with time-outs of a tenth of the usual ones."""

import random
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from appliance.domain.camera import CameraState, Credentials
from tests.support.camera_simulator.faults import Hang
from tests.support.camera_simulator.simulator import Simulator, simulator
from tests.support.camera_watch import QUICK, CameraWatch
from tests.support.clips import walking_square, write_clip

FPS = 40
CONNECTING, ONLINE, OFFLINE = CameraState.CONNECTING, CameraState.ONLINE, CameraState.OFFLINE


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second without B-frames, a keyframe each half second."""
    return write_clip(tmp_path_factory.mktemp("clips") / "yard.mp4", walking_square(FPS), fps=FPS, gop=20)


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    """An empty simulator."""
    with simulator() as running:
        yield running


@pytest.fixture(scope="module")
def neighbour(sim: Simulator, clip: Path) -> Iterator[CameraWatch]:
    """A healthy camera beside the faulty ones, read all the time."""
    with CameraWatch(sim.camera("neighbour", clip).url) as watch:
        watch.wait_online()
        yield watch


@pytest.fixture(autouse=True)
def nothing_else_suffers(neighbour: CameraWatch) -> Iterator[None]:
    """I1, I2: the neighbour loses no picture and changes no state; no thread stays."""
    watch, threads, since = neighbour, threading.active_count(), len(neighbour.packets)
    yield
    assert watch.states() == [CONNECTING, ONLINE]
    times = [packet.media.seconds for packet in watch.packets[since:]]
    assert [b - a for a, b in pairwise(times)] == pytest.approx([1 / FPS] * (len(times) - 1), abs=0.001)
    assert threading.active_count() == threads
    watch.wait_packets(1)


def test_a_camera_that_is_unplugged_and_comes_back(sim: Simulator, clip: Path) -> None:
    """F1: reset and refused; offline at once, back within one step of the back-off, its reason said once."""
    camera = sim.camera("front", clip)
    with CameraWatch(camera.url, settings=QUICK) as watch:
        watch.wait_online()
        watch.wait_packets(2 * FPS)
        camera.unplug()
        assert watch.wait(lambda w: w.state is OFFLINE) <= 1.0
        camera.wait(lambda c: len(c.seen.attempts) >= 4)
        camera.plug()
        assert watch.wait_online() <= QUICK.retry_longest_s + 1.0
        watch.wait_packets(10)
    states = watch.states()
    assert states[:2] == [CONNECTING, ONLINE]
    assert all(a is not b for a, b in pairwise(states) if a is ONLINE)
    assert len(states) <= 5
    stamps = [packet.wall_us for packet in watch.packets]
    assert stamps == sorted(stamps)


def test_a_camera_whose_port_is_closed_is_refused_and_found_again(sim: Simulator, clip: Path) -> None:
    """F1: its RTSP is off; the kernel says so, and the attempts have growing distances with jitter."""
    camera = sim.camera("front", clip)
    with CameraWatch(camera.url, settings=QUICK) as watch:
        watch.wait_online()
        sim.close_port()
        camera.cut()
        watch.wait(lambda w: "nothing accepts connections" in w.reports[-1].reason)
        sim.open_port()
        assert watch.wait_online() <= QUICK.retry_longest_s + 1.0


def test_a_stalled_stream_is_asked_for_again(sim: Simulator, clip: Path) -> None:
    """F3: the connection stays and says nothing; given up after the silence time-out, TEARDOWN included."""
    camera = sim.camera("front", clip)
    with CameraWatch(camera.url, settings=QUICK) as watch:
        watch.wait_online()
        threads = threading.active_count()
        for cycle in range(2):
            camera.stall()
            assert watch.wait(lambda w: w.state is OFFLINE) <= QUICK.silence_timeout_s + 2.0
            camera.wait(lambda c, seen=cycle + 1: c.seen.teardowns >= seen)  # type: ignore[misc]
            assert threading.active_count() == threads
            camera.resume()
            watch.wait_online()
    assert watch.states()[1:] == [ONLINE, OFFLINE] * 2 + [ONLINE]


@pytest.mark.parametrize("where", list(Hang))
def test_a_camera_that_falls_silent_in_mid_sentence_is_given_up_in_time(
    sim: Simulator, clip: Path, where: Hang
) -> None:
    """F4: whatever the request that is never answered; and the next attempt works."""
    camera = sim.camera("front", clip)
    camera.hang(where)
    begun = time.monotonic()
    with CameraWatch(camera.url, settings=QUICK) as watch:
        watch.wait(lambda w: w.state is OFFLINE)
        # What was described is waited for as any picture is, what was not is given up sooner.
        limit_s = QUICK.silence_timeout_s if where is Hang.AFTER_PLAY else QUICK.open_timeout_s
        assert time.monotonic() - begun <= limit_s + 0.5
        assert "answer" in watch.reports[-1].reason or "nothing" in watch.reports[-1].reason
        camera.hang(None)
        watch.wait_online()


@pytest.mark.system
def test_a_wrong_password_is_tried_three_times_and_then_slowly(
    sim: Simulator, clip: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """F11, I7: few attempts on the wire, then long waits; put right, it opens; the password is nowhere."""
    camera = sim.camera("front", clip, user="root", password="right")
    with CameraWatch(camera.url, Credentials("root", "canary-77"), QUICK) as watch:
        camera.wait(lambda c: len(c.seen.attempts) >= 4)
        assert watch.state is CameraState.AUTH_FAILED
        assert camera.seen.requests["DESCRIBE"] <= 2 * len(camera.seen.attempts)
    begun, *_, third, fourth = camera.seen.attempts[:4]
    assert third - begun >= sum(QUICK.auth_retry_s)
    assert fourth - third >= QUICK.auth_slow_first_s
    assert watch.states() == [CONNECTING, CameraState.AUTH_FAILED]
    assert "canary-77" not in repr(watch.reports) + "".join(capfd.readouterr())


def test_a_reader_says_goodbye_and_the_only_session_is_free(sim: Simulator, clip: Path) -> None:
    """F12: TEARDOWN at the end, so that a camera with one session takes the next reader at once."""
    camera = sim.camera("gate", clip, one_session=True)
    for reading in (1, 2):
        with CameraWatch(camera.url, settings=QUICK) as watch:
            watch.wait_online(3.0)
        camera.wait(lambda c, seen=reading: c.seen.teardowns == seen)  # type: ignore[misc]
    assert not camera.seen.refusals


@pytest.mark.system
def test_a_ghost_of_our_own_session_is_waited_out(sim: Simulator, clip: Path) -> None:
    """F12: cut without a goodbye; answered 453 until the camera's time-out, back soon after, unaided."""
    camera = sim.camera("gate", clip, one_session=True, session_timeout_s=4.0)
    with CameraWatch(camera.url, settings=QUICK) as watch:
        watch.wait_online()
        camera.cut()
        watch.wait(lambda w: "453" in w.reports[-1].reason)
        assert watch.wait_online(8.0) <= 4.0 + QUICK.busy_longest_s + 0.5
    assert camera.seen.refusals[453] >= 4


@pytest.mark.system
def test_a_session_is_kept_alive(sim: Simulator, clip: Path) -> None:
    """F12: a camera that ends sessions after two seconds without a request never has to."""
    camera = sim.camera("gate", clip, session_timeout_s=2.0)
    with CameraWatch(camera.url) as watch:
        watch.wait_online()
        watch.wait_packets(5 * FPS)
    assert watch.states() == [CONNECTING, ONLINE]
    assert camera.seen.expired == 0
    assert len(camera.seen.attempts) == 1


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (401, CameraState.AUTH_FAILED, "401"),
        (404, OFFLINE, "404"),
        (453, OFFLINE, "453"),
        (503, OFFLINE, "503"),
    ],
)
def test_each_answer_has_its_state_and_its_words(
    sim: Simulator, clip: Path, status: int, state: CameraState, words: str
) -> None:
    """F11, F12: the reason says what the camera answered; it is said once (I6), and cured without help."""
    camera = sim.camera("front", clip)
    camera.answer(status)
    with CameraWatch(camera.url, settings=QUICK) as watch:
        camera.wait(lambda c: len(c.seen.attempts) >= 3)
        assert watch.states() == [CONNECTING, state]
        assert words in watch.reports[-1].reason
        camera.answer(None)
        watch.wait_online()


SLOW = pytest.mark.system
SDP = "v=0\r\no=- 1 1 IN IP4 0\r\ns=x\r\nt=0 0\r\na=control:*\r\n"
VIDEO = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:video\r\n"


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        pytest.param("v=0\r\n", marks=SLOW),
        pytest.param(SDP, marks=SLOW),
        pytest.param(SDP + "m=audio 0 RTP/AVP 0\r\na=control:sound\r\n", marks=SLOW),
        SDP + "m=video 0 RTP/AVP 96\r\na=control:video\r\n",
        pytest.param(
            SDP + VIDEO + "a=fmtp:96 sprop-parameter-sets=!!!!,====;packetization-mode=x\r\n", marks=SLOW
        ),
        pytest.param(SDP + VIDEO + "a=x-dimensions:1000000,1000000\r\na=framerate:1e30\r\n", marks=SLOW),
        SDP + VIDEO.replace("90000", "0"),
        pytest.param(SDP + VIDEO.replace("90000", "4294967295"), marks=SLOW),
        pytest.param(
            SDP + VIDEO.replace("a=control:video", "a=control:rtsp://127.0.0.1:1/elsewhere"), marks=SLOW
        ),
        pytest.param(SDP + (VIDEO + "a=x:y\r\n") * 200, marks=SLOW),
        SDP + "a=" + "x" * 1_000_000 + "\r\n" + VIDEO,
        pytest.param(SDP + "a=x:y\r\n" * 140_000 + VIDEO, marks=SLOW),
        pytest.param(random.Random(1).randbytes(4096).hex(), marks=SLOW),
        pytest.param("\x00" * 4096, marks=SLOW),
    ],
    ids=lambda sdp: f"{len(sdp)} bytes",
)
def test_absurd_descriptions_cost_no_more_than_the_picture(sim: Simulator, clip: Path, sdp: str) -> None:
    """F4, I1: sizes, missing parameters, a megabyte: a state with a reason, or pictures; then it is cured."""
    camera = sim.camera("front", clip)
    camera.describe_as(sdp)
    with CameraWatch(camera.url, settings=QUICK) as watch:
        watch.wait(lambda w: len(w.reports) >= 2, 6.0)
        assert watch.reports[-1].reason or watch.state is ONLINE
        assert "an error inside" not in watch.reports[-1].reason
        camera.describe_as(None)
        camera.cut()
        watch.wait_online()
        watch.wait_packets(5)
