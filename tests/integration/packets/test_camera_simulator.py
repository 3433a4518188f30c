"""The simulated cameras themselves, read by libav alone: what they send is what is in their clips."""

import contextlib
import gc
import socket
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import av.error
import numpy as np
import pytest
from av.codec.context import Flags

from tests.support.camera_simulator.camera import NEAR_THE_WRAP
from tests.support.camera_simulator.process import simulator_process
from tests.support.camera_simulator.simulator import Simulator, simulator
from tests.support.clips import walking_square, write_clip


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A second at forty pictures in H.264 and H.265; a keyframe is longer than a packet."""
    folder = tmp_path_factory.mktemp("clips")
    pictures = walking_square(40, 320, 180)
    noise = np.random.default_rng(3)
    for picture in pictures:
        picture[:] += noise.integers(0, 40, picture.shape, dtype=np.uint8)
    return {
        codec: write_clip(folder / f"{codec}.mp4", pictures, fps=40, gop=20, b_frames=2, codec=codec)
        for codec in ("libx264", "libx265")
    }


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """An empty simulator."""
    with simulator() as running:
        yield running


class Read:
    """What libav reads of an address.

    Attributes:
        times: of the packets in seconds, in the order of their coming.
        frames: decoded.
        corrupt: frames among them with errors.
        coded: the packets' bytes.
    """

    def __init__(self, url: str, pictures: int, transport: str = "tcp") -> None:
        self.times: list[float] = []
        self.coded: set[bytes] = set()
        self.frames = self.corrupt = 0
        options = {"rtsp_transport": transport}
        with av.open(url, options=options, timeout=(5.0, 5.0)) as container:
            container.streams.video[0].codec_context.flags |= Flags.output_corrupt
            for packet in container.demux(video=0):
                self.coded.add(bytes(packet))
                if packet.pts is not None and packet.time_base is not None:
                    self.times.append(float(packet.pts * packet.time_base))
                for frame in packet.decode():
                    self.frames += 1
                    self.corrupt += bool(frame.is_corrupt)
                if self.frames >= pictures:
                    return


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_clip_is_read_whole_and_looped(
    sim: Simulator, clips: dict[str, Path], codec: str, transport: str
) -> None:
    """Both codecs over both transports: every picture decodes, and time stamps go on over the loop."""
    camera = sim.camera("front", clips[codec])
    read = Read(camera.url, 50, transport)
    assert read.corrupt == 0
    shown = sorted(read.times)[2:47]
    assert [b - a for a, b in pairwise(shown)] == pytest.approx([0.025] * 44, abs=0.001)
    camera.wait(lambda c: c.seen.teardowns == 1)
    assert camera.seen.packets > camera.seen.pictures
    assert camera.seen.dropped == 0


def test_rtp_s_wrap_does_not_stop_the_pictures(sim: Simulator, clips: dict[str, Path]) -> None:
    """Close to 32 bits libav unwraps what the simulator wraps (not where a stamp is exactly 0, its mark)."""
    read = Read(sim.camera("yard", clips["libx264"], first_timestamp=2**32 - 45_007).url, 40)
    assert max(read.times) - min(read.times) == pytest.approx(1.0, abs=0.2)
    assert NEAR_THE_WRAP + 450_000 == 2**32


def test_lost_packets_damage_pictures(sim: Simulator, clips: dict[str, Path]) -> None:
    """A quarter of the packets never comes: the decoder conceals."""
    camera = sim.camera("front", clips["libx264"])
    camera.lose_packets(0.25)
    assert Read(camera.url, 25, "udp").corrupt > 0


def test_flipped_bits_change_the_pictures_bytes(sim: Simulator, clips: dict[str, Path]) -> None:
    """A bit is wrong in a quarter of the packets; most such errors decode silently."""
    camera = sim.camera("front", clips["libx264"])
    clean = Read(camera.url, 45).coded
    assert len(clean - Read(camera.url, 30).coded) < len(clean)
    camera.flip_bits(0.25)
    assert len(Read(camera.url, 30).coded - clean) >= 10


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, av.error.HTTPUnauthorizedError),
        (404, av.error.HTTPNotFoundError),
        (453, av.error.HTTPOtherClientError),
        (503, av.error.HTTPServerError),
    ],
)
def test_errors_are_answered(
    sim: Simulator, clips: dict[str, Path], status: int, error: type[av.error.FFmpegError]
) -> None:
    """Each status comes out of libav as its error, and is counted."""
    camera = sim.camera("front", clips["libx264"])
    camera.answer(status)
    with pytest.raises(error):
        Read(camera.url, 1)
    assert camera.seen.refusals[status] > 0
    camera.answer(None)
    assert Read(camera.url, 3).frames >= 3


def test_a_password_is_asked_for(sim: Simulator, clips: dict[str, Path]) -> None:
    """Digest authentication: right, wrong, none."""
    camera = sim.camera("door", clips["libx264"], user="root", password="right")
    assert Read(camera.url.replace("//", "//root:right@"), 3).frames >= 3
    for wrong in ("//root:wrong@", "//"):
        with pytest.raises(av.error.HTTPUnauthorizedError):
            Read(camera.url.replace("//", wrong), 1)


def test_a_single_session_is_kept_for_a_vanished_client(sim: Simulator, clips: dict[str, Path]) -> None:
    """Busy while somebody watches; free at once after TEARDOWN; a ghost lives until its time-out."""
    camera = sim.camera("gate", clips["libx264"], one_session=True, session_timeout_s=4.0)
    with av.open(camera.url, options={"rtsp_transport": "tcp"}, timeout=(5.0, 5.0)):
        with pytest.raises(av.error.FFmpegError):
            Read(camera.url, 1)
        camera.cut()
        camera.wait(lambda c: c.seen.sessions == 0)
        with pytest.raises(av.error.FFmpegError):
            Read(camera.url, 1)
        assert camera.seen.refusals[453] == 2


def test_connections_that_come_while_the_simulator_ends_are_closed() -> None:
    """Also one that was accepted and not talked to yet; a socket that is left over warns, and fails this."""
    for later_s in (0.0, 0.001):
        with contextlib.ExitStack() as clients, simulator() as running:
            busy = threading.Event()

            def work(busy: threading.Event = busy) -> None:
                busy.set()
                time.sleep(0.1)

            threading.Thread(target=running._on_loop, args=(work,)).start()
            assert busy.wait(10)
            for _ in range(5):
                clients.enter_context(socket.create_connection((running.host, running.port)))
            time.sleep(later_s)
        gc.collect()


def test_the_simulator_in_a_process_of_its_own_takes_orders(clips: dict[str, Path]) -> None:
    """Addresses, orders and counts go over its pipes; a wrong order is an error, not a silence."""
    with simulator_process([*clips.values()], cameras=3) as running:
        assert [url.rsplit("/", 1)[1] for url in running.urls] == ["cam0", "cam1", "cam2"]
        assert Read(running.urls[1], 3).frames >= 3
        running.tell("cam2", "answer", 404)
        with pytest.raises(av.error.HTTPNotFoundError):
            Read(running.urls[2], 1)
        seen = running.seen()
        assert seen["cam1"]["requests"]["PLAY"] == 1
        assert seen["cam2"]["refusals"] == {"404": 1}
        with pytest.raises(AssertionError, match="expected a camera"):
            running.tell("cam9", "explode")
    assert running.process.returncode == 0
